//! OpenAPI description of the API.

/// The spec as JSON, written by the same command that regenerates the client.
pub(crate) const OPENAPI: &str = include_str!("../../openapi.json");
