//! Payment: its state, the meaning of the state to a shop, and the changes since the last read.

pub(crate) mod baseline;
pub(crate) mod change;
mod ledger;
pub(crate) mod order_match;
pub(crate) mod order_standing;
pub(crate) mod role;
pub(crate) mod snapshot;
pub(crate) mod standing;
pub(crate) mod state;
#[cfg(test)]
pub(crate) mod testing;

pub use change::PaymentChange;
pub use order_match::OrderMatch;
pub use order_standing::OrderStanding;
pub use snapshot::{PaymentSnapshot, SnapshotTransaction};
pub use standing::PaymentStanding;
pub use state::{
    BankCard, FundingInformation, Payment, PaymentTransaction, PurchasedItem, UserInformation,
};
