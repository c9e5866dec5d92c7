//! 3D Secure report: which properties a payment leaves out.

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

/// Structures for 3D Secure.
const STRUCTURES: [&str; 4] = [
    "BillingAddress",
    "PayerAccountInformation",
    "PurchaseInformation",
    "ShippingAddress",
];

/// Properties that not every payer, address or purchase has.
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

/// 3D Secure report: which properties that help against a challenge a payment leaves out. Made by
/// [`three_ds_report`](crate::StartPayment::three_ds_report).
///
/// Barion's docs say of each of these properties that it is optional, and that it contributes to
/// the payer not being challenged; how much each counts is the issuer's secret.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ThreeDsReport {
    /// Omitted properties, in the order of their paths.
    pub omitted: Vec<Omission>,
    /// Number of the properties that are given.
    pub given: usize,
}

/// Omitted property.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Omission {
    /// Path of the property, as `PayerAccountInformation.AccountCreated`.
    pub field: String,
    /// Whether every payer or purchase has it. A second street line, for example, is rightly
    /// omitted where there is none.
    pub always_applies: bool,
}

impl ThreeDsReport {
    pub(crate) fn of(payment: &types::StartPaymentRequest) -> Self {
        let mut report = Self {
            omitted: Vec::new(),
            given: 0,
        };
        // What can't be serialised is reported as omitted; sending it fails by itself.
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
