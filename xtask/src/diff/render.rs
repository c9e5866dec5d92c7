//! The changes as text for a terminal, and as Markdown for the changelog.

use std::fmt::Write as _;

use super::{Change, Kind};

/// One line for each change, and a line that counts them.
#[must_use]
pub fn text(changes: &[Change]) -> String {
    if changes.is_empty() {
        return "nothing changed".to_owned();
    }
    let mut lines = String::new();
    for change in changes {
        let mark = if change.breaking.is_some() { '!' } else { ' ' };
        let (kind, sentence) = (change.kind.as_str(), sentence(change, &change.subject));
        let _ = writeln!(lines, "{mark} {kind:<7} {sentence}{}", verdict(change));
    }
    let breaking = changes.iter().filter(|change| change.breaking.is_some());
    let _ = write!(
        lines,
        "{} {}, {} of them breaking",
        changes.len(),
        if changes.len() == 1 {
            "change"
        } else {
            "changes"
        },
        breaking.count()
    );
    lines
}

fn verdict(change: &Change) -> String {
    match (&change.breaking, &change.harmless) {
        (Some(why), _) => format!(" [BREAKING: {why}]"),
        (None, Some(why)) => format!(" [not breaking: {why}]"),
        (None, None) => " [not breaking]".to_owned(),
    }
}

/// The sections of a changelog that hold something, with a bullet for each change, breaking ones first.
#[must_use]
pub fn markdown(changes: &[Change]) -> String {
    let sections = [
        (Kind::Added, "### Added"),
        (Kind::Changed, "### Changed"),
        (Kind::Removed, "### Removed"),
    ];
    let mut text = String::new();
    for (kind, heading) in sections {
        let mut section: Vec<&Change> = changes.iter().filter(|c| c.kind == kind).collect();
        section.sort_by_key(|change| change.breaking.is_none());
        if section.is_empty() {
            continue;
        }
        let gap = if text.is_empty() { "" } else { "\n" };
        let _ = writeln!(text, "{gap}{heading}\n");
        for change in section {
            let _ = writeln!(text, "{}", bullet(change));
        }
    }
    text.trim_end().to_owned()
}

fn bullet(change: &Change) -> String {
    let sentence = sentence(change, &named(&change.subject));
    match &change.breaking {
        Some(why) => format!("- **breaking**: {sentence}: {why}."),
        None => format!("- {sentence}."),
    }
}

/// The subject with its name set as code: ``field `BankCard.MaskedPan` ``.
fn named(subject: &str) -> String {
    match subject.split_once(' ') {
        Some((what, name)) => format!("{what} `{name}`"),
        None => subject.to_owned(),
    }
}

fn sentence(change: &Change, subject: &str) -> String {
    if change.subject == "texts" {
        return format!("texts changed {}", change.detail);
    }
    if change.detail.is_empty() {
        return subject.to_owned();
    }
    format!("{subject}: {}", change.detail)
}

#[cfg(test)]
mod tests {
    use super::{markdown, text};
    use crate::diff::{Breaks, Change, Harmless, Kind};

    fn changes() -> Vec<Change> {
        vec![
            Change::new(Kind::Added, "operation refund"),
            Change::new(Kind::Changed, "field Card.Year")
                .detail("string -> integer")
                .verdict(Breaks("another type")),
            Change::new(Kind::Added, "field Pay.More").verdict(Breaks("refused now")),
            Change::new(Kind::Removed, "value Colour.Red").verdict(Breaks("gone")),
            Change::new(Kind::Changed, "texts")
                .detail("in 3 places")
                .verdict(Harmless("texts")),
        ]
    }

    #[test]
    fn a_text_has_a_line_for_each_change() {
        assert_eq!(
            text(&changes()),
            "  added   operation refund [not breaking]
! changed field Card.Year: string -> integer [BREAKING: another type]
! added   field Pay.More [BREAKING: refused now]
! removed value Colour.Red [BREAKING: gone]
  changed texts changed in 3 places [not breaking: texts]
5 changes, 3 of them breaking"
        );
        assert_eq!(text(&[]), "nothing changed");
    }

    #[test]
    fn markdown_is_a_piece_of_a_changelog() {
        assert_eq!(
            markdown(&changes()),
            "### Added

- **breaking**: field `Pay.More`: refused now.
- operation `refund`.

### Changed

- **breaking**: field `Card.Year`: string -> integer: another type.
- texts changed in 3 places.

### Removed

- **breaking**: value `Colour.Red`: gone."
        );
        assert_eq!(markdown(&[]), "");
    }
}
