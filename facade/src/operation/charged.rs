//! Agreement of an answer about whether a payment was charged or settled.

use barion_generated::enums::PaymentStatus;
use barion_generated::wire::Guid;

use super::contradiction;
use crate::error::{Delivery, Error, ErrorKind};
use crate::id::PaymentId;

/// Whether all parts of an answer without errors agree that it was done.
pub(crate) fn agree(
    said: Option<bool>,
    shown: Option<bool>,
    status: &PaymentStatus,
) -> Result<(), Error> {
    let status = contradiction::shown(status);
    match (said, shown) {
        (Some(true), Some(false)) => Err(Error::contradicting(format!(
            "it says that it was successful, and that the payment is {status}"
        ))),
        (Some(false), Some(true)) => Err(Error::contradicting(format!(
            "it says that the payment is {status}, and that it was not successful"
        ))),
        (Some(false), Some(false)) => {
            let message = "Barion answered that it was not carried out, and listed no error";
            Err(Error::new(ErrorKind::Api, Delivery::Rejected, message))
        }
        (None, Some(false) | None) | (Some(false), None) => Err(Error::unreadable(
            "neither its status nor anything else in it says for sure whether it was done",
        )),
        (Some(true), _) | (None, Some(true)) => Ok(()),
    }
}

/// A charge that is reported as successful has to be one, and the reverse.
pub(crate) fn charged_or_not(said: Option<bool>, status: &PaymentStatus) -> Result<(), Error> {
    let shown = match status {
        PaymentStatus::Prepared | PaymentStatus::Started => Some(false),
        other => proven_by(other),
    };
    match (said, shown) {
        (Some(said), Some(shown)) if said != shown => agree(Some(said), Some(shown), status),
        _ => Ok(()),
    }
}

/// Whether a payment in this status was charged.
pub(crate) fn proven_by(status: &PaymentStatus) -> Option<bool> {
    match status {
        PaymentStatus::Succeeded
        | PaymentStatus::Reserved
        | PaymentStatus::Authorized
        | PaymentStatus::PartiallySucceeded => Some(true),
        PaymentStatus::Canceled | PaymentStatus::Failed | PaymentStatus::Expired => Some(false),
        // Open: the bank may not have answered yet. Or a status that this version does not know.
        _ => None,
    }
}

pub(crate) fn outcome(
    payment_id: Option<Guid>,
    status: Option<PaymentStatus>,
) -> Result<(PaymentId, PaymentStatus), Error> {
    let payment_id = PaymentId::from_wire_if_set(payment_id)
        .ok_or_else(|| Error::unreadable("it has no PaymentId"))?;
    let Some(status) = status else {
        return Err(Error::unreadable("it has no PaymentStatus").with_payment_id(Some(payment_id)));
    };
    Ok((payment_id, status))
}
