//! Refunds, finishes and captures of a payment whose state was read; they refuse what the state
//! forbids.

mod by_name;
mod capture;
mod finish;
mod refund;
mod settlement;

pub use capture::CaptureOfPayment;
pub use finish::FinishOfPayment;
pub use refund::RefundOfPayment;
