//! Pages by their paths.

use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;

use super::{detail, list, pay};
use crate::engine::Engine;
use crate::http::reply::message;

/// What a path for people stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    List,
    Payment(String),
    Pay,
}

impl Page {
    /// Finds the page of a path; letters match in any case.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let path = path.to_ascii_lowercase();
        match path.trim_end_matches('/') {
            "" => Some(Self::List),
            "/pay" => Some(Self::Pay),
            other => match other.strip_prefix("/payments/") {
                Some(id) if !id.contains('/') => Some(Self::Payment(id.to_owned())),
                _ => None,
            },
        }
    }

    /// Shows the page, or does what a form of it asked for.
    pub(crate) async fn answer(
        &self,
        engine: &Engine,
        method: &Method,
        query: Option<&str>,
        body: &[u8],
    ) -> Response {
        let form = String::from_utf8_lossy(body);
        let posted = (method == Method::POST).then_some(form.as_ref());
        match (self, posted) {
            (Self::List, None) if method == Method::GET => list::show(engine, query),
            (Self::Payment(id), None) if method == Method::GET => detail::show(engine, id, None),
            (Self::Payment(id), Some(form)) => detail::act(engine, id, form).await,
            (Self::Pay, None) if method == Method::GET => pay::show_of(engine, query),
            (Self::Pay, Some(form)) => pay::act(engine, form),
            _ => self.refuse(),
        }
    }

    fn refuse(&self) -> Response {
        let (text, allowed) = match self {
            Self::List => ("This page takes GET only.", "GET"),
            Self::Payment(_) | Self::Pay => ("This page takes GET and POST.", "GET, POST"),
        };
        let mut response = message(StatusCode::METHOD_NOT_ALLOWED, text);
        let allowed = HeaderValue::from_static(allowed);
        response.headers_mut().insert(header::ALLOW, allowed);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_found_in_any_case() {
        for (path, page) in [
            ("/", Some(Page::List)),
            ("/PAY", Some(Page::Pay)),
            ("/Pay/", Some(Page::Pay)),
            ("/Payments/AB", Some(Page::Payment("ab".to_owned()))),
            ("/payments", None),
            ("/payments/a/b", None),
            ("/v2/Payment/Start", None),
        ] {
            assert_eq!(Page::of(path), page, "{path}");
        }
    }
}
