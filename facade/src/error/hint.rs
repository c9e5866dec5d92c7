//! Hints: the likely cause of an error. Barion's own texts seldom say it.

use super::Error;
use super::api_error::ApiError;
use super::kind::{Delivery, ErrorKind};

/// Hints by Barion's error code, in lower case.
const BY_CODE: &[(&str, &str)] = &[
    (
        "authenticationfailed",
        "the shop key is not valid here: use the secret key (POSKey) and not the public one (POSId), and the key of this \
         environment, as test and production have separate shops and keys",
    ),
    (
        "shopisindraftstate",
        "the shop was never sent for approval: open it in Barion's back office, fill in what is missing and submit it",
    ),
    (
        "shopisclosed",
        "the shop is closed, or not approved yet: look at its state in Barion's back office of this environment",
    ),
    (
        "invaliduser",
        "a payee is no active Barion wallet of this environment: Transaction::new wants the e-mail address that the \
         wallet was registered with, and test wallets do not exist in production",
    ),
    (
        "usercantreceiveemoney",
        "the payee's wallet is not fully registered yet, so it can't take money: finish its registration at Barion",
    ),
    (
        "usercantmakeoutgoingtransaction",
        "the wallet is limited by Barion: ask Barion's support",
    ),
    (
        "invalidcurrency",
        "the payee's wallet has no account in this currency: open one at Barion, or use another currency",
    ),
    (
        "modelvalidationerror",
        "a property is missing, too long or of the wrong form; the description names it, though without its path",
    ),
    (
        "notexistingpaymentid",
        "no payment of this shop has this id: the payment may belong to another shop or to the other environment",
    ),
    (
        "paymentstatusnotvalid",
        "the payment is not in a status that allows this: read its state first; it may have been carried out already",
    ),
    (
        "toolowbalancetomakerefund",
        "refunds are paid out of the shop's wallet, and Barion's fees were taken from it before: top it up, or refund \
         after the next sale",
    ),
    (
        "amounttorefundisgreaterthantransactionamount",
        "more than what is left of the transaction: earlier refunds of it count, so read the payment's state",
    ),
    (
        "transactiondoesnotbelongtopayment",
        "a transaction id of another payment: take Barion's ids from the payment's state",
    ),
    (
        "thesourceanddestinationaccountsarematched",
        "payer and shop are the same wallet: a shop's owner can't pay the own shop",
    ),
    (
        "recurringpaymentnotallowed",
        "token payments are not enabled for this shop: ask Barion to enable them",
    ),
    (
        "invalidrecurrenceid",
        "no token of this name is registered at this shop, or its registering payment did not succeed",
    ),
    (
        "originalpaymentwasntsuccessful",
        "the payment that registered this token did not succeed: register the card anew",
    ),
    (
        "threedsnotenabled",
        "the issuer wants the payer to be present: send the stored trace id byte for byte, or let the payer pay again",
    ),
    (
        "recurringpaymentdenied",
        "the payer's wallet was deleted, suspended or blocked: the payer has to pay another way",
    ),
    (
        "insufficientfunds",
        "there is not enough money in the payer's wallet: try again later, or let the payer pay another way",
    ),
    (
        "cardexpired",
        "the card behind the token is not valid any more: let the payer register another one",
    ),
    (
        "topupfailed",
        "the card behind the token was not charged: the issuer refused; where another error is listed, it says why",
    ),
    (
        "carderror",
        "the issuer or 3D Secure refused the card: let the payer pay again, or with another card",
    ),
    (
        "pingfailed",
        "the bank did not answer, and Barion has cancelled: nothing was charged, and it can be tried again later",
    ),
    (
        "suspendedusertriedtorefund",
        "the shop's wallet is suspended: ask Barion's support",
    ),
    (
        "invalidtransactiontype",
        "a transaction of this kind can't be used so: only payments can be refunded, not fees and refunds",
    ),
    (
        "internalservererror",
        "something unexpected happened inside Barion, and nobody knows how far it came: read the payment's state",
    ),
];

/// Hint by one of Barion's error codes; letter case is ignored.
pub(crate) fn by_code(given: &str) -> Option<&'static str> {
    let mut known = BY_CODE.iter();
    let found = known.find(|(code, _)| code.eq_ignore_ascii_case(given));
    found.map(|(_, hint)| *hint)
}

impl Error {
    /// Hint: the likely cause and what to do, for the person who reads the log; `None` where
    /// nothing is known beyond the error itself. Programs should not decide by it. `Display` ends
    /// with it.
    #[must_use]
    #[doc(alias = "help")]
    #[doc(alias = "mend")]
    pub fn hint(&self) -> Option<&'static str> {
        of(self)
    }
}

impl ApiError {
    /// Hint: the likely cause and what to do, for the person who reads the log; `None` where
    /// nothing is known beyond the error itself. Programs should not decide by it. `Display` ends
    /// with it.
    #[must_use]
    #[doc(alias = "help")]
    #[doc(alias = "mend")]
    pub fn hint(&self) -> Option<&'static str> {
        by_code(self.code_unredacted())
    }
}

fn of(error: &Error) -> Option<&'static str> {
    let listed = error.api_errors().iter().find_map(ApiError::hint);
    listed
        .or_else(|| by_status(error))
        .or_else(|| by_kind(error))
}

fn by_status(error: &Error) -> Option<&'static str> {
    match error.status()? {
        401 | 403 => Some(
            "the shop key was not taken: use the secret key (POSKey) of this environment; if the answer is no JSON, \
             something in front of Barion refused the call",
        ),
        404 if error.operation() == Some("get_payment_state_v4") => Some(
            "the path was not found: version 4 wants the id without dashes (PaymentId prints it so), below the API's \
             own address, https://api.barion.com or https://api.test.barion.com, with nothing in front of the path",
        ),
        404 => Some(
            "the path was not found: the address of Environment::Custom is not that of Barion's API, or has a part \
             too many",
        ),
        405 => {
            Some("the address of Environment::Custom leads to something that is not Barion's API")
        }
        429 => Some(
            "asked too often: Barion takes 2 state calls in 5 seconds for one payment, from all processes together, \
             and fewer over a long time; wait for the callback instead of asking",
        ),
        300..=399 => Some(
            "the address answers with a redirect, which is never followed: set the final address in \
             Environment::Custom",
        ),
        500.. => Some(
            "Barion or something in front of it is in trouble; after a call that moves money reconcile it \
             before anything else (Client::reconcile)",
        ),
        _ => None,
    }
}

fn by_kind(error: &Error) -> Option<&'static str> {
    match (error.kind(), error.delivery()) {
        (ErrorKind::Connection, _) => Some(
            "look at the name resolution, the firewall, the proxy and the trusted certificates of this machine; no \
             proxy is used unless ClientBuilder::proxy or system_proxy is set",
        ),
        (ErrorKind::Redirected, _) => Some(
            "build the HTTP client with redirect(Policy::none()), set the final address in Environment::Custom, and make \
             sure that you know the address that the shop key was sent to",
        ),
        (ErrorKind::Timeout | ErrorKind::Interrupted, Delivery::Unknown) => Some(
            "Barion itself gives up after 30 seconds, so a shorter timeout abandons calls that may still succeed; after \
             a call that moves money reconcile it before anything else (Client::reconcile)",
        ),
        (ErrorKind::UnreadableAnswer, _) => Some(
            "if the body is HTML, something in front of Barion answered, such as a check for robots or a page of \
             maintenance; after a call that moves money reconcile it before anything else (Client::reconcile)",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use barion_generated::types;

    use super::BY_CODE;
    use crate::error::{ApiError, Delivery, Error, ErrorKind};

    fn refused(code: &str) -> Error {
        let error = types::ApiError {
            error_code: Some(code.to_owned()),
            ..types::ApiError::default()
        };
        Error::new(ErrorKind::Api, Delivery::Rejected, "refused")
            .with_head(400, None, None)
            .with_api_errors(vec![ApiError::from_wire(error)])
    }

    #[test]
    fn a_code_is_advised_upon_in_any_letter_case() {
        let hint = refused("AuthenticationFailed").hint().unwrap();
        assert!(
            hint.contains("POSId") && hint.contains("environment"),
            "{hint}"
        );
        assert_eq!(refused("AUTHENTICATIONFAILED").hint(), Some(hint));
        assert_eq!(refused("SomethingNew").hint(), None);
        for (code, hint) in BY_CODE {
            assert_eq!(
                *code,
                code.to_ascii_lowercase(),
                "codes are kept in lower case"
            );
            assert_eq!(refused(code).hint(), Some(*hint));
        }
    }

    #[test]
    fn the_first_known_code_counts_wherever_it_stands() {
        let error = refused("SomethingNew");
        let known = refused("InvalidUser").api_errors().to_vec();
        let both = error.api_errors().iter().cloned().chain(known).collect();
        assert!(
            error
                .with_api_errors(both)
                .hint()
                .unwrap()
                .contains("wallet")
        );
    }

    #[test]
    fn a_404_of_version_4_speaks_of_the_id() {
        let missing = |operation| {
            Error::new(ErrorKind::Http, Delivery::Rejected, "no")
                .with_head(404, None, None)
                .of_operation(operation)
        };
        assert!(
            missing("get_payment_state_v4")
                .hint()
                .unwrap()
                .contains("dashes")
        );
        assert!(
            !missing("refund_payment_v2")
                .hint()
                .unwrap()
                .contains("dashes")
        );
    }
}
