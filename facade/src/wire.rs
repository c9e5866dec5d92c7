//! Values of the wire that need a word before they are handed out.

use url::Url;

/// An address that can't be read is of no use to anybody, and must not hide that the payment exists.
pub(crate) fn address(text: Option<String>) -> Option<Url> {
    text.and_then(|text| text.parse().ok())
}
