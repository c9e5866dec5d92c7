//! Web addresses: the shop's own ones, and the gateway page's.

use url::Url;
use uuid::Uuid;

use super::id::format_id;

/// Whether the text can be a shop's `RedirectUrl` or `CallbackUrl`.
pub(crate) fn is_web_address(text: &str) -> bool {
    let clean = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    clean && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// The address with `paymentId` appended. The rest stays byte for byte as the shop sent it, only an
/// empty path becomes `/`, and a fragment stays at the end.
pub(crate) fn with_payment_id(address: &str, payment: Uuid) -> String {
    let (main, fragment) = match address.find('#') {
        Some(at) => address.split_at(at),
        None => (address, ""),
    };
    let joint = match main.find('?') {
        Some(at) if at + 1 == main.len() || main.ends_with('&') => "",
        Some(_) => "&",
        None if has_path(main) => "?",
        None => "/?",
    };
    format!("{main}{joint}paymentId={}{fragment}", format_id(payment))
}

/// The gateway page of a payment, where the payer pays; `base` ends with a slash.
pub(crate) fn gateway_url(base: &Url, payment: Uuid) -> String {
    format!("{base}Pay?Id={}", format_id(payment))
}

fn has_path(address: &str) -> bool {
    let after_scheme = address.find("://").map_or(0, |at| at + 3);
    address[after_scheme..].contains('/')
}

#[cfg(test)]
mod tests {
    use super::super::id::read_id;
    use super::*;

    fn sample() -> Uuid {
        read_id("9293B38D-35d2-aea2-1dcc-d6b7ee9a59e8").unwrap()
    }

    #[test]
    fn the_payment_id_joins_the_query() {
        let tail = "paymentId=9293b38d35d2aea21dccd6b7ee9a59e8";
        for (given, head) in [
            ("http://localhost:8080", "http://localhost:8080/?"),
            ("http://localhost:8080/", "http://localhost:8080/?"),
            ("https://a.example/b", "https://a.example/b?"),
            ("https://a.example/b?", "https://a.example/b?"),
            ("https://a.example?x=%20Y", "https://a.example?x=%20Y&"),
            ("https://a.example/b?x=1&", "https://a.example/b?x=1&"),
            ("https://a.example/b?x=/?", "https://a.example/b?x=/?&"),
        ] {
            assert_eq!(with_payment_id(given, sample()), format!("{head}{tail}"));
        }
        assert_eq!(
            with_payment_id("https://a.example/b#top", sample()),
            format!("https://a.example/b?{tail}#top")
        );
    }

    #[test]
    fn only_absolute_web_addresses_pass() {
        assert!(is_web_address("http://localhost:8080"));
        for wrong in [
            "",
            "/back",
            "ftp://a.example",
            "javascript:alert(1)",
            "http://a.example/ b",
        ] {
            assert!(!is_web_address(wrong), "{wrong}");
        }
    }
}
