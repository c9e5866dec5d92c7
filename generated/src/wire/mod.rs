//! Values as they are on the wire: exact, and tolerant of everything that Barion is known to send.

mod decimal;
mod guid;
mod related_id;
mod secret;
mod time_span;
mod timestamp;

pub use decimal::{Decimal, InvalidDecimal};
pub use guid::{Guid, InvalidGuid};
pub use related_id::RelatedId;
pub use secret::{InvalidKey, PosKey, Sensitive};
pub use time_span::{InvalidTimeSpan, TimeSpan};
pub use timestamp::Timestamp;
