//! The wire format: bodies of requests and answers. No rule stands here, and nothing is stored.

pub(crate) mod answer;
pub(crate) mod json;
pub(crate) mod openapi;
pub(crate) mod query;
pub(crate) mod request;
