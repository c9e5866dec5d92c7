//! Conversion of wire values that the facade hands out in another type.

use url::Url;

/// URL of an answer; one that can't be parsed is left out, so that it does not hide that the
/// payment exists.
pub(crate) fn address(text: Option<String>) -> Option<Url> {
    text.and_then(|text| text.parse().ok())
}
