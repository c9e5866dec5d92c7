//! Keys of requests: where a request carries the key of a shop or of the wallet.

use axum::http::HeaderMap;
use uuid::Uuid;

use crate::values::id::read_id;
use crate::wire::json::{Json, Object};
use crate::wire::query::query_value;

/// Which key a request came with, by the place that counts.
///
/// The header goes first; without one, calls below v4 may carry the key in the body or in the
/// query.
pub(crate) fn given(
    headers: &HeaderMap,
    body: Option<&Object>,
    query: Option<&str>,
    header_only: bool,
) -> Option<String> {
    let header = headers
        .get("x-pos-key")
        .map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
        .filter(|text| !text.is_empty());
    if header.is_some() || header_only {
        return header;
    }
    let in_body = body.and_then(|object| match object.get("POSKey") {
        Json::Text(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    });
    in_body.or_else(|| query_value(query, "POSKey"))
}

/// The wallet's key; it comes in a header of its own and nowhere else.
pub(crate) fn given_for_wallet(headers: &HeaderMap) -> Option<String> {
    let value = headers.get("x-api-key")?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// The key that the text is; dashes and the case of letters do not count.
pub(crate) fn read(given: Option<&str>) -> Option<Uuid> {
    given.and_then(|text| read_id(text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::json;

    const KEY: &str = "11111111-1111-1111-1111-111111111111";

    fn shop() -> Uuid {
        read_id(KEY).unwrap()
    }

    #[test]
    fn both_forms_open() {
        for form in [KEY, "11111111111111111111111111111111"] {
            assert_eq!(read(Some(form)), Some(shop()));
        }
        for wrong in [
            None,
            Some(""),
            Some("1111"),
            Some("22222222222222222222222222222222"),
        ] {
            assert_ne!(read(wrong), Some(shop()));
        }
    }

    #[test]
    fn the_header_counts_before_body_and_query() {
        let mut headers = HeaderMap::new();
        let parsed = json::parse(br#"{"posKEY":"from body"}"#).unwrap();
        let Json::Object(body) = &parsed else {
            panic!("an object")
        };
        let query = Some("a=b&POSkey=from%20query");
        assert_eq!(given(&headers, None, query, false).unwrap(), "from query");
        assert_eq!(
            given(&headers, Some(body), query, false).unwrap(),
            "from body"
        );
        assert_eq!(given(&headers, Some(body), query, true), None);
        headers.insert("x-pos-key", "from header".parse().unwrap());
        assert_eq!(
            given(&headers, Some(body), query, false).unwrap(),
            "from header"
        );
    }
}
