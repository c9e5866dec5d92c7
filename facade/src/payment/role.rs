//! Role of a transaction in its payment.

use barion_generated::enums::TransactionType as Kind;

/// Role of a transaction in its payment.
///
/// Barion has no single property for it: it follows from the type, and where the type is not
/// enough, from whether the transaction has the shop's own identifier and whether it belongs to
/// another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Main transaction: asked for by the shop, the payer's money.
    Main,
    /// Part of a main transaction that is passed on to another wallet.
    Part,
    /// Fee of Barion.
    Fee,
    /// Refund: money on its way back to the payer.
    Refund,
    /// Failed refund: the money did not reach the payer and is back with the shop.
    FailedRefund,
    /// Review: Barion investigates the payment.
    UnderReview,
    /// End of a review.
    Released,
    /// Kind that this version does not know.
    Other,
}

impl Role {
    /// `named`: it has the shop's own identifier. `related`: it names another transaction by its
    /// identifier.
    pub(crate) fn of(kind: Option<&Kind>, named: bool, related: bool) -> Self {
        match kind {
            Some(
                Kind::CardProcessingFee
                | Kind::GatewayFee
                | Kind::CardProcessingFeeStorno
                | Kind::BankTransferPaymentFee
                | Kind::BarionBalanceProcessingFee
                | Kind::Commission
                | Kind::WithdrawFee
                | Kind::ClosureFee
                | Kind::StornoBankTransferFee
                | Kind::CashDepositFee
                | Kind::ForeignDepositFee
                | Kind::ForeignWithdrawFee
                | Kind::ForeignClosureFee
                | Kind::CardTopUpFee
                | Kind::CardTopUpBankFee
                | Kind::ForeignBankTransferFee
                | Kind::CashBankTransferFee
                | Kind::CustodyFee
                | Kind::BankTransferWithdrawFeeStorno,
            ) => Self::Fee,
            Some(
                Kind::Refund
                | Kind::RefundToBankCard
                | Kind::RefundToBankAccount
                | Kind::StornoReserve,
            ) => Self::Refund,
            Some(
                Kind::StornoUnSuccessfulRefundToBankCard
                | Kind::StornoUnSuccessfulRefundToBankAccount,
            ) => Self::FailedRefund,
            Some(Kind::UnderReview) => Self::UnderReview,
            Some(Kind::ReleaseReview) => Self::Released,
            Some(Kind::CardPayment | Kind::Shop | Kind::Reserve | Kind::BankTransferPayment)
                if !related =>
            {
                Self::Main
            }
            _ if named && !related => Self::Main,
            // Before the payer pays, a part has no type of its own yet.
            None | Some(Kind::TransferToExistingUser | Kind::Unspecified) if related => Self::Part,
            _ => Self::Other,
        }
    }
}

/// Older answers have an empty text where newer ones have null.
pub(crate) fn is_named(pos_transaction_id: Option<&str>) -> bool {
    pos_transaction_id.is_some_and(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{Kind, Role};

    #[test]
    fn types_decide_first() {
        for (kind, named, related, expected) in [
            ("CardPayment", true, false, Role::Main),
            ("Shop", false, false, Role::Main),
            ("GatewayFee", false, true, Role::Fee),
            ("CardProcessingFee", true, false, Role::Fee),
            ("RefundToBankCard", true, true, Role::Refund),
            ("StornoReserve", false, true, Role::Refund),
            (
                "StornoUnSuccessfulRefundToBankAccount",
                false,
                false,
                Role::FailedRefund,
            ),
            ("TransferToExistingUser", true, true, Role::Part),
            ("TransferToExistingUser", true, false, Role::Main),
            ("UnderReview", false, true, Role::UnderReview),
            ("ReleaseReview", false, true, Role::Released),
        ] {
            assert_eq!(
                Role::of(Some(&Kind::from(kind)), named, related),
                expected,
                "{kind}"
            );
        }
    }

    #[test]
    fn names_and_relations_decide_where_the_type_says_nothing() {
        for kind in [
            None,
            Some(Kind::Unspecified),
            Some(Kind::from("PaidByTelepathy")),
        ] {
            assert_eq!(Role::of(kind.as_ref(), true, false), Role::Main, "{kind:?}");
        }
        assert_eq!(Role::of(Some(&Kind::Unspecified), true, true), Role::Part);
        let new = Kind::from("RefundToTheMoon");
        assert_eq!(Role::of(Some(&new), true, true), Role::Other);
        assert_eq!(Role::of(Some(&new), false, false), Role::Other);
        assert_eq!(
            Role::of(Some(&Kind::CardPayment), true, true),
            Role::Other,
            "no such thing is known"
        );
    }
}
