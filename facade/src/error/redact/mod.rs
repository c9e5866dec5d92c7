//! Redaction: only what is known to be safe of an answer gets into a log.
//!
//! Barion's texts are shown word by word, each only if it is on a list; bodies by their shape. A
//! list of secrets would never be complete: a name, a phone number or a key has too many spellings.
//! spellings.

mod body;
mod media;
mod text;
mod words;

pub(crate) use body::{Snippet, snippet};
pub(crate) use media::content_type;
pub(crate) use text::{code, text};
