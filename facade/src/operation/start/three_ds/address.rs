//! Addresses.

use barion_generated::types;
use barion_generated::wire::Sensitive;

/// What both kinds of address have.
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

/// Where the bill goes. See <https://docs.barion.com/BillingAddress>.
///
/// Each line of the street, and the city, have at most 50 characters. Barion refuses longer ones, and so does the
/// payment's `build()`: nothing is cut in silence.
#[derive(Debug, Clone)]
#[must_use]
pub struct BillingAddress(Place);

/// Where the goods go. See <https://docs.barion.com/ShippingAddress>.
///
/// Each line of the street, and the city, have at most 50 characters. Barion refuses longer ones, and so does the
/// payment's `build()`: nothing is cut in silence.
#[derive(Debug, Clone)]
#[must_use]
pub struct ShippingAddress(Place, Option<Sensitive>);

macro_rules! setters {
    () => {
        /// The part of the country, two characters as in ISO 3166-2. Needs a city beside it; leave it out where there is
        /// none.
        pub fn region(mut self, region: impl Into<String>) -> Self {
            self.0.region = Some(region.into());
            self
        }

        /// The city, at most 50 characters.
        pub fn city(mut self, city: impl Into<String>) -> Self {
            self.0.city = Some(Sensitive::new(city));
            self
        }

        /// The postal code, at most 16 characters.
        pub fn zip(mut self, zip: impl Into<String>) -> Self {
            self.0.zip = Some(Sensitive::new(zip));
            self
        }

        /// The first line, at most 50 characters.
        pub fn street(mut self, street: impl Into<String>) -> Self {
            self.0.street = Some(Sensitive::new(street));
            self
        }

        /// The second line, at most 50 characters.
        pub fn street2(mut self, street: impl Into<String>) -> Self {
            self.0.street2 = Some(Sensitive::new(street));
            self
        }

        /// The third line, at most 50 characters.
        pub fn street3(mut self, street: impl Into<String>) -> Self {
            self.0.street3 = Some(Sensitive::new(street));
            self
        }
    };
}

impl BillingAddress {
    /// In this country: two capital letters as in ISO 3166-1, `ZZ` where it is not known.
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
    /// In this country: two capital letters as in ISO 3166-1, `ZZ` where it is not known.
    pub fn new(country: impl Into<String>) -> Self {
        let place = Place {
            country: country.into(),
            ..Place::default()
        };
        Self(place, None)
    }

    setters!();

    /// Who receives the goods, at most 45 characters.
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
