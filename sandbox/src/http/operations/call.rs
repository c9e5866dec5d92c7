//! A call of the API, as its handler gets it.

use axum::response::Response;

use crate::engine::Engine;
use crate::http::failure::Failure;
use crate::wire::json::Object;

/// A handler's answer, or why there is none.
pub(crate) type Answer = Result<Response, Failure>;

/// A call of the API whose key has been checked.
pub(crate) struct Call<'a> {
    pub(crate) engine: &'a Engine,
    /// What the path has in the place of the pattern's `{Name}`.
    pub(crate) parameter: &'a str,
    pub(crate) query: Option<&'a str>,
    pub(crate) body: &'a Object,
}

impl Call<'_> {
    /// Whether rules that the sources leave open are read in the stricter way.
    pub(super) fn is_strict(&self) -> bool {
        self.engine.setup.strict
    }

    /// The query, read like a body.
    pub(super) fn fields(&self) -> Object {
        Object::of_query(self.query)
    }
}
