//! What can follow on a payment whose state was read: refunds, finishes and captures that refuse what the
//! state forbids.

mod by_name;
mod capture;
mod finish;
mod refund;
mod settlement;

pub use capture::CaptureOfPayment;
pub use finish::FinishOfPayment;
pub use refund::RefundOfPayment;
