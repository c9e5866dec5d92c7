//! Ids on the wire: GUIDs, written without dashes and read with or without them.

use uuid::Uuid;

/// An id as answers print it: 32 lower-case hex digits.
pub(crate) fn format_id(id: Uuid) -> String {
    id.simple().to_string()
}

/// Reads an id with or without dashes; nothing else, so no braces and no `urn:`.
pub(crate) fn read_id(text: &str) -> Option<Uuid> {
    matches!(text.len(), 32 | 36)
        .then(|| Uuid::try_parse(text).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Uuid {
        read_id("9293B38D-35d2-aea2-1dcc-d6b7ee9a59e8").unwrap()
    }

    #[test]
    fn ids_are_read_in_both_forms_and_printed_without_dashes() {
        assert_eq!(format_id(sample()), "9293b38d35d2aea21dccd6b7ee9a59e8");
        assert_eq!(read_id(&format_id(sample())), Some(sample()));
        for wrong in [
            "",
            "x",
            "{9293b38d35d2aea21dccd6b7ee9a59e8}",
            "9293b38d35d2aea21dccd6b7ee9a59eg",
        ] {
            assert_eq!(read_id(wrong), None, "{wrong}");
        }
    }
}
