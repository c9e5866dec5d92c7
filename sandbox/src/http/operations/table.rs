//! The table of operations. Routing, keys and lists of operations are read off it.

use axum::http::Method;

use super::access::Access::{self, Public, Shop, ShopInHeader, Wallet};
use super::operation::Operation;
use super::{apple, google, payment, qr, refund, shop, start, wallet};

const GET: Method = Method::GET;
const POST: Method = Method::POST;

/// All operations: id, method, path, and the key with the handler that it opens. In the order of
/// their ids; to add an operation, add its row and write its handler.
#[rustfmt::skip]
pub(crate) const OPERATIONS: &[Operation] = &[
    row("create_pos_v1", POST, "/v1/Pos",
        Wallet(shop::create)),
    row("generate_qr_code", GET, "/qr/generate",
        Public(qr::draw)),
    row("get_accounts_v2", GET, "/v2/Accounts/Get|/v2/Accounts",
        Wallet(wallet::accounts)),
    row("get_history_v3", GET, "/v3/UserHistory/GetHistory",
        Wallet(wallet::history)),
    row("get_payment_state_v2", GET, "/v2/Payment/GetPaymentState",
        Shop(payment::state_v2)),
    row("get_payment_state_v4", GET, "/v4/Payment/{PaymentId}/PaymentState",
        ShopInHeader(payment::state_v4)),
    row("get_pos_details_v1", GET, "/v1/Pos/{PublicKey}",
        Wallet(shop::details)),
    row("get_statement_download_v2", GET, "/v2/Statement/Download",
        Wallet(wallet::statement)),
    row("get_transaction_history_detail_v3", GET, "/v3/TransactionHistory/GetDetail",
        Wallet(wallet::detail)),
    row("payment_cancel_authorization_v2", POST, "/v2/Payment/CancelAuthorization",
        Shop(payment::cancel_authorization)),
    row("payment_capture_v2", POST, "/v2/Payment/Capture",
        Shop(payment::capture)),
    row("payment_complete_v2", POST, "/v2/Payment/Complete",
        Shop(payment::complete)),
    row("payment_finish_reservation_v2", POST, "/v2/Payment/FinishReservation",
        Shop(payment::finish_reservation)),
    row("payment_start_v2", POST, "/v2/Payment/Start",
        Shop(start::start)),
    row("payment_start_with_google_token_v3", POST, "/v3/Payment/StartPaymentWithGoogleToken",
        Shop(google::start)),
    row("refund_payment_v2", POST, "/v2/Payment/Refund",
        Shop(refund::refund)),
    row("start_payment_with_apple_token_v2", POST, "/v2/ApplePay/StartPaymentWithAppleToken",
        Shop(apple::start)),
    row("transfer_email_v2", POST, "/v2/Transfer/Email",
        Wallet(wallet::transfer)),
    row("validate_apple_pay_session_v2", POST, "/v2/ApplePay/ValidateSession",
        Shop(apple::validate_session)),
    row("withdraw_bank_transfer_v2", POST, "/v2/Withdraw/BankTransfer",
        Wallet(wallet::withdraw_v2)),
    row("withdraw_bank_transfer_v3", POST, "/v3/Withdraw/BankTransfer",
        Wallet(wallet::withdraw)),
];

/// The ids of all operations.
pub(crate) const IDS: [&str; OPERATIONS.len()] = {
    let mut ids = [""; OPERATIONS.len()];
    let mut place = 0;
    while place < ids.len() {
        ids[place] = OPERATIONS[place].id;
        place += 1;
    }
    ids
};

const fn row(id: &'static str, method: Method, path: &'static str, access: Access) -> Operation {
    Operation {
        id,
        method,
        path,
        access,
    }
}

/// The operation that a path stands for, and the parameter in the path.
#[derive(Clone, Copy)]
pub(crate) struct Route<'a> {
    pub(crate) operation: &'static Operation,
    pub(crate) parameter: &'a str,
}

impl<'a> Route<'a> {
    /// Finds the operation of a path.
    pub(crate) fn of(path: &'a str) -> Option<Self> {
        OPERATIONS.iter().find_map(|operation| {
            let parameter = operation.parameter(path)?;
            Some(Self {
                operation,
                parameter,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::wire::openapi::OPENAPI;

    fn id_of(path: &str) -> Option<&'static str> {
        Route::of(path).map(|route| route.operation.id)
    }

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let mut sorted = IDS.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted, IDS);
    }

    #[test]
    fn every_operation_but_the_obsolete_one_is_described() {
        let description: Value = serde_json::from_str(OPENAPI).unwrap();
        let described = |operation: &Operation| {
            operation.path.split('|').any(|path| {
                let method = operation.method.as_str().to_lowercase();
                description["paths"][path][method]["operationId"] == operation.id
            })
        };
        let missing: Vec<&str> = OPERATIONS
            .iter()
            .filter(|operation| !described(operation))
            .map(|operation| operation.id)
            .collect();
        assert_eq!(missing, ["withdraw_bank_transfer_v2"]);
    }

    #[test]
    fn starts_are_known_by_their_names() {
        let starts = OPERATIONS.iter().filter(|one| one.starts_payment());
        assert_eq!(starts.count(), 3);
    }

    #[test]
    fn paths_match_in_any_case_and_v4_only_without_dashes() {
        for (path, operation) in [
            ("/v2/Payment/Start", "payment_start_v2"),
            ("/V2/PAYMENT/START", "payment_start_v2"),
            ("/v2/payment/getpaymentstate", "get_payment_state_v2"),
            (
                "/v3/payment/startpaymentwithgoogletoken",
                "payment_start_with_google_token_v3",
            ),
            (
                "/v2/Payment/CancelAuthorization",
                "payment_cancel_authorization_v2",
            ),
        ] {
            assert_eq!(id_of(path), Some(operation));
        }
        let v4 = |id: &str| Route::of(&format!("/v4/payment/{id}/PAYMENTSTATE")).is_some();
        assert!(v4("9293B38D35d2aea21dccd6b7ee9a59e8"));
        for wrong in [
            "9293b38d-35d2-aea2-1dcc-d6b7ee9a59e8",
            "x",
            "zz93b38d35d2aea21dccd6b7ee9a59e8",
        ] {
            assert!(!v4(wrong), "{wrong}");
        }
        for wrong in [
            "",
            "/",
            "/v2/Payment",
            "/v2/Payment/Start/",
            "/v2/Payment/Start/x",
            "/v3/Payment/Start",
            "//v2/Payment/Start",
        ] {
            assert_eq!(id_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn some_paths_have_two_forms() {
        for (path, operation) in [
            ("/v1/pos", "create_pos_v1"),
            ("/v1/pos/", "create_pos_v1"),
            ("/v1/pos/x", "get_pos_details_v1"),
            ("/v2/accounts", "get_accounts_v2"),
            ("/v2/accounts/", "get_accounts_v2"),
            ("/v2/accounts/get", "get_accounts_v2"),
            ("/qr/generate/", "generate_qr_code"),
        ] {
            assert_eq!(id_of(path), Some(operation), "{path}");
        }
        assert_eq!(id_of("/v1/pos//"), None);
    }
}
