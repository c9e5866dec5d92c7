//! The comparison of two documents.

use super::change::Change;
use super::pair::Pair;
use super::{document, operations, schemas, texts};
use crate::spec::Spec;

/// Everything that differs: servers and keys first, then operations, then schemas with their
/// fields, limits and values, then the number of changed texts.
#[must_use]
pub fn diff(old: &Spec, new: &Spec) -> Vec<Change> {
    let pair = Pair::of(old, new);
    let mut changes = document::changes(&pair);
    changes.extend(operations::changes(&pair));
    changes.extend(schemas::changes(&pair));
    changes.extend(texts::changes(&pair));
    changes
}
