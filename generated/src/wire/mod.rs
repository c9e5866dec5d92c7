//! Values as they are on the wire: exact, and tolerant of everything that Barion is known to send.

mod decimal;
mod digits;
mod free_form;
mod guid;
mod related_id;
#[cfg(feature = "schemars")]
mod schema;
mod secret;
mod time_span;
mod timestamp;

pub(crate) use decimal::exact_or_not_set;
pub use decimal::{Decimal, InvalidDecimal};
pub use free_form::FreeForm;
pub use guid::{DashedGuid, Guid, InvalidGuid};
pub use related_id::RelatedId;
pub use secret::{InvalidKey, PosKey, Sensitive, WalletKey};
pub use time_span::{InvalidTimeSpan, TimeSpan};
pub use timestamp::Timestamp;
