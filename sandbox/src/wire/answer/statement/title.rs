//! The title of a statement.

use crate::domain::wallet::statement::Statement;

pub(super) fn title(statement: &Statement) -> String {
    format!(
        "Statement {} {} to {}",
        statement.currency, statement.first, statement.last
    )
}
