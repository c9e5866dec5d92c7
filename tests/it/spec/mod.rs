//! The spec, what is generated from it, the layers of the crates, and the documentation.

pub(crate) mod coverage;
pub(crate) mod examples;
pub(crate) mod generated;
pub(crate) mod json_schema;
pub(crate) mod layers;
pub(crate) mod margin;
pub(crate) mod rehearsal;
