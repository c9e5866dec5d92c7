//! Billing and shipping addresses, for 3D Secure.

use barion_generated::types;
use barion_generated::wire::Sensitive;

/// Fields that both kinds of address have.
#[derive(Debug, Clone, Default)]
struct Place {
    country: String,
    region: Option<String>,
    city: Option<Sensitive>,
    zip: Option<Sensitive>,
    street: Option<Sensitive>,
    street2: Option<Sensitive>,
    street3: Option<Sensitive>,
}

/// Billing address, for 3D Secure. See <https://docs.barion.com/BillingAddress>.
///
/// City and each street line have at most 50 characters. Barion refuses longer ones, and so does
/// the payment's `build()`: nothing is truncated silently.
#[derive(Debug, Clone)]
#[must_use]
pub struct BillingAddress(Place);

/// Shipping address, for 3D Secure. See <https://docs.barion.com/ShippingAddress>.
///
/// City and each street line have at most 50 characters. Barion refuses longer ones, and so does
/// the payment's `build()`: nothing is truncated silently.
#[derive(Debug, Clone)]
#[must_use]
pub struct ShippingAddress(Place, Option<Sensitive>);

macro_rules! setters {
    () => {
        /// Region of the country, two characters as in ISO 3166-2. Requires a city; leave it out
        /// where there is none.
        pub fn region(mut self, region: impl Into<String>) -> Self {
            self.0.region = Some(region.into());
            self
        }

        /// City, at most 50 characters.
        pub fn city(mut self, city: impl Into<String>) -> Self {
            self.0.city = Some(Sensitive::new(city));
            self
        }

        /// Postal code, at most 16 characters.
        pub fn zip(mut self, zip: impl Into<String>) -> Self {
            self.0.zip = Some(Sensitive::new(zip));
            self
        }

        /// First street line, at most 50 characters.
        pub fn street(mut self, street: impl Into<String>) -> Self {
            self.0.street = Some(Sensitive::new(street));
            self
        }

        /// Second street line, at most 50 characters.
        pub fn street2(mut self, street: impl Into<String>) -> Self {
            self.0.street2 = Some(Sensitive::new(street));
            self
        }

        /// Third street line, at most 50 characters.
        pub fn street3(mut self, street: impl Into<String>) -> Self {
            self.0.street3 = Some(Sensitive::new(street));
            self
        }
    };
}

impl BillingAddress {
    /// Billing address in this country: two capital letters as in ISO 3166-1, `ZZ` where it is not
    /// known.
    pub fn new(country: impl Into<String>) -> Self {
        Self(Place {
            country: country.into(),
            ..Place::default()
        })
    }

    setters!();

    pub(crate) fn into_wire(self) -> types::BillingAddress {
        let place = self.0;
        types::BillingAddress {
            city: place.city,
            country: place.country,
            region: place.region,
            street: place.street,
            street2: place.street2,
            street3: place.street3,
            zip: place.zip,
        }
    }
}

impl ShippingAddress {
    /// Shipping address in this country: two capital letters as in ISO 3166-1, `ZZ` where it is not
    /// known.
    pub fn new(country: impl Into<String>) -> Self {
        let place = Place {
            country: country.into(),
            ..Place::default()
        };
        Self(place, None)
    }

    setters!();

    /// Full name of the recipient, at most 45 characters.
    pub fn full_name(mut self, name: impl Into<String>) -> Self {
        self.1 = Some(Sensitive::new(name));
        self
    }

    pub(crate) fn into_wire(self) -> types::ShippingAddress {
        let Self(place, full_name) = self;
        types::ShippingAddress {
            city: place.city,
            country: place.country,
            full_name,
            region: place.region,
            street: place.street,
            street2: place.street2,
            street3: place.street3,
            zip: place.zip,
        }
    }
}
