//! Statuses and types of payments and transactions, in the words of the wire.

use serde::{Deserialize, Serialize};

/// An enumeration whose wire names are its variants' names, where texts need the names too.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($variant:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub(crate) enum $name { $($variant),+ }

        impl $name {
            /// All wire names.
            pub(crate) const NAMES: &[&str] = &[$(stringify!($variant)),+];

            /// The wire name.
            pub(crate) fn name(self) -> &'static str {
                Self::NAMES[self as usize]
            }
        }
    };
}

/// When the money moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum PaymentType {
    Immediate,
    Reservation,
    DelayedCapture,
}

/// All statuses that a payment can have here, in Barion's words.
pub const PAYMENT_STATUSES: &[&str] = PaymentStatus::NAMES;

words!(
    /// The states this sandbox can bring a payment into.
    PaymentStatus {
        Prepared,
        Started,
        InProgress,
        Reserved,
        Authorized,
        Waiting,
        Canceled,
        Succeeded,
        Failed,
        PartiallySucceeded,
        Expired,
    }
);

words!(
    /// The states of a single transaction.
    TransactionStatus {
        Prepared,
        Started,
        Succeeded,
        Rejected,
        Storno,
        Reserved,
        Expired,
        Authorized,
        Reversed,
    }
);

/// The kinds of transactions that occur here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TransactionType {
    Unspecified,
    CardPayment,
    Shop,
    Reserve,
    BankTransferPayment,
    GatewayFee,
    BankTransferPaymentFee,
    RefundToBankCard,
    RefundToBankAccount,
    Refund,
    StornoReserve,
    TransferToExistingUser,
}

/// How the payer paid, on v4 only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum PaymentMethod {
    Unknown,
    BankCard,
    GooglePay,
    ApplePay,
    BarionWallet,
    OpenBanking,
}

/// What became of a token charge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RecurrenceResult {
    #[default]
    None,
    Successful,
    Failed,
    NotFound,
    ThreeDSAuthenticationRequired,
}
