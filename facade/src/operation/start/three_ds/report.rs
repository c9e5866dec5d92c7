//! What is left out.

use std::fmt;

use barion_generated::tables::Model;
use barion_generated::types;
use serde_json::Value;

/// Properties of the payment itself that help against a challenge, besides the structures.
const OWN: [&str; 6] = [
    "CardHolderNameHint",
    "ChallengePreference",
    "PayerHint",
    "PayerHomeNumber",
    "PayerPhoneNumber",
    "PayerWorkPhoneNumber",
];

/// The structures that are there for 3D Secure.
const STRUCTURES: [&str; 4] = [
    "BillingAddress",
    "PayerAccountInformation",
    "PurchaseInformation",
    "ShippingAddress",
];

/// What not every payer, address or purchase has.
const NOT_ALWAYS: [&str; 11] = [
    "ChallengePreference",
    "PayerHomeNumber",
    "PayerWorkPhoneNumber",
    "Region",
    "Street2",
    "Street3",
    "GiftCardPurchase",
    "PreOrderDate",
    "DeliveryEmailAddress",
    "RecurringExpiry",
    "RecurringFrequency",
];

/// What a payment leaves out of what helps against a 3D Secure challenge. Made by
/// [`three_ds_report`](crate::StartPayment::three_ds_report).
///
/// Barion's docs say of each of these properties that it is optional, and that it contributes to the payer not being
/// challenged; how much each counts is the issuer's secret.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ThreeDsReport {
    /// What is left out, in the order of the paths.
    pub omitted: Vec<Omission>,
    /// How many of the properties are there.
    pub given: usize,
}

/// A property that is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Omission {
    /// Its path, as `PayerAccountInformation.AccountCreated`.
    pub field: String,
    /// Whether every payer or purchase has it. A second line of the street, say, is left out rightly where there is none.
    pub always_applies: bool,
}

impl ThreeDsReport {
    pub(crate) fn of(payment: &types::StartPaymentRequest) -> Self {
        let mut report = Self {
            omitted: Vec::new(),
            given: 0,
        };
        // What can't be written is reported as left out; sending it fails by itself.
        let sent = serde_json::to_value(payment).unwrap_or_default();
        for name in OWN {
            report.look(&sent, name, name);
        }
        for structure in STRUCTURES {
            let inside = &sent[structure];
            for property in Model::by_name(structure).map_or(&[][..], |model| model.properties) {
                let path = format!("{structure}.{}", property.name);
                report.look(inside, property.name, &path);
            }
        }
        report
            .omitted
            .sort_by(|one, other| one.field.cmp(&other.field));
        report
    }

    fn look(&mut self, sent: &Value, name: &str, path: &str) {
        if sent.get(name).is_some_and(|value| !value.is_null()) {
            self.given += 1;
        } else {
            self.omitted.push(Omission {
                field: path.to_owned(),
                always_applies: !NOT_ALWAYS.contains(&name),
            });
        }
    }

    /// Whether everything is given that every payer and purchase has.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.omitted.iter().any(|omission| omission.always_applies)
    }
}

/// A line for each property that every payer and purchase has and this payment leaves out.
impl fmt::Display for ThreeDsReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let omitted = self
            .omitted
            .iter()
            .filter(|omission| omission.always_applies);
        for (index, omission) in omitted.enumerate() {
            let line = if index == 0 { "" } else { "\n" };
            let field = &omission.field;
            write!(
                f,
                "{line}{field} is left out, which raises the chance of a challenge"
            )?;
        }
        Ok(())
    }
}
