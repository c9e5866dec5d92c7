//! What of an answer is fit for a log: nothing but what is known to be safe.
//!
//! Texts of Barion are shown word by word, each only if it is on a list; bodies by their shape. A
//! list of what is secret would never be complete: a name, a phone number or a key has too many
//! spellings.

mod body;
mod media;
mod text;
mod words;

pub(crate) use body::{Snippet, snippet};
pub(crate) use media::content_type;
pub(crate) use text::{code, text};
