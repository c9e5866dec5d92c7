//! The OpenAPI document as a tree: reading it, its places, references, models and limits.

mod document;
mod limits;
mod places;
mod reach;
mod reference;
#[cfg(test)]
pub(crate) mod testing;

pub use document::{Operation, Spec};
pub use limits::{LIMITS, exclusive_flag, limit, seconds};
pub use places::{Kind, Place, places};
pub use reach::loops;
pub use reference::{escape, make_ref, ref_name, walk};
