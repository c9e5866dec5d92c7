//! Requests, read leniently and judged strictly: from JSON to the rules' own terms.

pub(crate) mod calls;
pub(crate) mod choices;
pub(crate) mod documented;
pub(crate) mod json;
pub(crate) mod number;
pub(crate) mod pos;
pub(crate) mod reader;
pub(crate) mod span;
pub(crate) mod start;
pub(crate) mod three_ds;
pub(crate) mod wallet;
