//! 3D Secure data: what a shop can send to the card's issuer. None of it is required; what is left
//! out raises the chance that the payer is challenged.

mod account;
mod address;
mod purchase;
mod report;

pub use account::PayerAccount;
pub use address::{BillingAddress, ShippingAddress};
pub use purchase::Purchase;
pub use report::{Omission, ThreeDsReport};
