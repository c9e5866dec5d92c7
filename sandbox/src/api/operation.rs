//! Which operation a path stands for.

use axum::http::Method;
use uuid::Uuid;

use crate::wire;

/// What a path stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Start,
    GoogleStart,
    AppleStart,
    ValidateSession,
    /// Public: the link in `QRUrl` carries no key.
    QrCode,
    StateV2,
    StateV4(Uuid),
    Complete,
    FinishReservation,
    Capture,
    CancelAuthorization,
    Refund,
    /// Also with a key that is none: such a shop does not exist, but the route does.
    ReadPos(Option<Uuid>),
    CreatePos,
    Accounts,
    History,
    HistoryDetail,
    Withdraw,
    WithdrawV2,
    TransferEmail,
    Statement,
}

impl Operation {
    /// Finds the operation of a path; letters match in any case.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let path = path.to_ascii_lowercase();
        let mut segments = path.strip_prefix('/')?.split('/');
        let (version, area) = (segments.next()?, segments.next()?);
        // One path has two segments only.
        let name = segments.next().unwrap_or_default();
        let rest: Vec<&str> = segments.collect();
        let found = match (version, area, name, rest.as_slice()) {
            ("v2", "payment", "start", []) => Self::Start,
            ("v2", "payment", "getpaymentstate", []) => Self::StateV2,
            ("v2", "payment", "complete", []) => Self::Complete,
            ("v2", "payment", "finishreservation", []) => Self::FinishReservation,
            ("v2", "payment", "capture", []) => Self::Capture,
            ("v2", "payment", "cancelauthorization", []) => Self::CancelAuthorization,
            ("v2", "payment", "refund", []) => Self::Refund,
            ("v3", "payment", "startpaymentwithgoogletoken", []) => Self::GoogleStart,
            // A dashed id does not route (measured). Assumed: neither does anything else that is no id.
            ("v4", "payment", id, ["paymentstate"]) if id.len() == 32 => {
                Self::StateV4(wire::read_id(id)?)
            }
            ("v2", "applepay", "startpaymentwithappletoken", []) => Self::AppleStart,
            ("v2", "applepay", "validatesession", []) => Self::ValidateSession,
            ("qr", "generate", "", []) => Self::QrCode,
            ("v1", "pos", "", []) => Self::CreatePos,
            ("v1", "pos", key, []) => Self::ReadPos(wire::read_id(key)),
            ("v2", "accounts", "get" | "", []) => Self::Accounts,
            ("v3", "withdraw", "banktransfer", []) => Self::Withdraw,
            ("v2", "withdraw", "banktransfer", []) => Self::WithdrawV2,
            ("v2", "transfer", "email", []) => Self::TransferEmail,
            ("v2", "statement", "download", []) => Self::Statement,
            ("v3", "userhistory", "gethistory", []) => Self::History,
            ("v3", "transactionhistory", "getdetail", []) => Self::HistoryDetail,
            _ => return None,
        };
        Some(found)
    }

    /// The names of all operations, as the API's description calls them.
    pub(crate) const NAMES: [&str; 21] = [
        "create_pos_v1",
        "generate_qr_code",
        "get_accounts_v2",
        "get_history_v3",
        "get_payment_state_v2",
        "get_payment_state_v4",
        "get_pos_details_v1",
        "get_statement_download_v2",
        "get_transaction_history_detail_v3",
        "payment_cancel_authorization_v2",
        "payment_capture_v2",
        "payment_complete_v2",
        "payment_finish_reservation_v2",
        "payment_start_v2",
        "payment_start_with_google_token_v3",
        "refund_payment_v2",
        "start_payment_with_apple_token_v2",
        "transfer_email_v2",
        "validate_apple_pay_session_v2",
        "withdraw_bank_transfer_v2",
        "withdraw_bank_transfer_v3",
    ];

    /// Its name, one of [`Self::NAMES`].
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AppleStart => "start_payment_with_apple_token_v2",
            Self::ValidateSession => "validate_apple_pay_session_v2",
            Self::QrCode => "generate_qr_code",
            Self::ReadPos(_) => "get_pos_details_v1",
            Self::CreatePos => "create_pos_v1",
            Self::Accounts => "get_accounts_v2",
            Self::History => "get_history_v3",
            Self::HistoryDetail => "get_transaction_history_detail_v3",
            Self::Withdraw => "withdraw_bank_transfer_v3",
            Self::WithdrawV2 => "withdraw_bank_transfer_v2",
            Self::TransferEmail => "transfer_email_v2",
            Self::Statement => "get_statement_download_v2",
            Self::Start => "payment_start_v2",
            Self::GoogleStart => "payment_start_with_google_token_v3",
            Self::StateV2 => "get_payment_state_v2",
            Self::StateV4(_) => "get_payment_state_v4",
            Self::Complete => "payment_complete_v2",
            Self::FinishReservation => "payment_finish_reservation_v2",
            Self::Capture => "payment_capture_v2",
            Self::CancelAuthorization => "payment_cancel_authorization_v2",
            Self::Refund => "refund_payment_v2",
        }
    }

    /// The one method that the operation takes.
    pub(crate) fn method(self) -> Method {
        match self {
            Self::StateV2
            | Self::StateV4(_)
            | Self::QrCode
            | Self::ReadPos(_)
            | Self::Accounts
            | Self::History
            | Self::HistoryDetail
            | Self::Statement => Method::GET,
            _ => Method::POST,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let all = [
            Operation::Start,
            Operation::GoogleStart,
            Operation::StateV2,
            Operation::StateV4(Uuid::nil()),
            Operation::Complete,
            Operation::FinishReservation,
            Operation::Capture,
            Operation::CancelAuthorization,
            Operation::Refund,
            Operation::AppleStart,
            Operation::ValidateSession,
            Operation::QrCode,
            Operation::ReadPos(None),
            Operation::CreatePos,
            Operation::Accounts,
            Operation::History,
            Operation::HistoryDetail,
            Operation::Withdraw,
            Operation::WithdrawV2,
            Operation::TransferEmail,
            Operation::Statement,
        ];
        let mut names = all.map(Operation::name);
        names.sort_unstable();
        assert_eq!(names, Operation::NAMES);
    }

    #[test]
    fn paths_match_in_any_case_and_v4_only_without_dashes() {
        for (path, operation) in [
            ("/v2/Payment/Start", Operation::Start),
            ("/V2/PAYMENT/START", Operation::Start),
            ("/v2/payment/getpaymentstate", Operation::StateV2),
            (
                "/v3/payment/startpaymentwithgoogletoken",
                Operation::GoogleStart,
            ),
            (
                "/v2/Payment/CancelAuthorization",
                Operation::CancelAuthorization,
            ),
        ] {
            assert_eq!(Operation::of(path), Some(operation));
        }
        let v4 = |id: &str| Operation::of(&format!("/v4/payment/{id}/PAYMENTSTATE"));
        assert!(v4("9293B38D35d2aea21dccd6b7ee9a59e8").is_some());
        for wrong in [
            "9293b38d-35d2-aea2-1dcc-d6b7ee9a59e8",
            "x",
            "zz93b38d35d2aea21dccd6b7ee9a59e8",
        ] {
            assert_eq!(v4(wrong), None, "{wrong}");
        }
        for wrong in [
            "",
            "/",
            "/v2/Payment",
            "/v2/Payment/Start/x",
            "/v3/Payment/Start",
            "//v2/Payment/Start",
        ] {
            assert_eq!(Operation::of(wrong), None, "{wrong}");
        }
    }
}
