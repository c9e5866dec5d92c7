//! Answers of the generated client: what all of them have in common.

use barion_generated::types;
use barion_generated::wire::Guid;

/// Answer of the generated client.
#[allow(unnameable_types, reason = "for this crate only")]
pub trait WireAnswer {
    /// Takes the error list out of it.
    fn take_errors(&mut self) -> Vec<types::ApiError>;

    /// Identifier of the payment that it is about.
    fn payment_id(&self) -> Option<Guid> {
        None
    }

    /// Identifier of the payment that it is about, given by the shop, where the answer has it.
    fn payment_request_id(&self) -> Option<&str> {
        None
    }

    /// What it says that was done by this operation, beside errors.
    fn done(&self, operation: &str) -> Option<String> {
        let _ = operation;
        None
    }
}

/// Implements [`WireAnswer`] for a generated type, with the identifiers that it has.
macro_rules! wire_answer {
    ($name:ident $(: $payment_id:ident $(, $request_id:ident)?)?) => {
        impl $crate::operation::wire_answer::WireAnswer for types::$name {
            fn take_errors(&mut self) -> Vec<types::ApiError> {
                self.errors.take().unwrap_or_default()
            }

            $(
                fn payment_id(&self) -> Option<barion_generated::wire::Guid> {
                    self.$payment_id
                }

                $(
                    fn payment_request_id(&self) -> Option<&str> {
                        self.$request_id.as_deref()
                    }
                )?

                fn done(&self, operation: &str) -> Option<String> {
                    // As a tree. Built only of answers that list errors.
                    let tree = serde_json::to_value(self).unwrap_or_default();
                    $crate::operation::contradiction::done_in(operation, &tree)
                }
            )?
        }
    };
}

pub(crate) use wire_answer;
