//! What a shop can tell the card's issuer for 3D Secure. None of it is needed; what is left out raises the chance that
//! the payer is challenged.

mod account;
mod address;
mod purchase;
mod report;

pub use account::PayerAccount;
pub use address::{BillingAddress, ShippingAddress};
pub use purchase::Purchase;
pub use report::{Omission, ThreeDsReport};
