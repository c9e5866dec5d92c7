//! The changes as text for a terminal, and as Markdown for the changelog.

use std::fmt::Write as _;

use super::change::{Change, Kind, Verdict};

/// One line for each change, and a line that counts them.
#[must_use]
pub fn text(changes: &[Change]) -> String {
    if changes.is_empty() {
        return "nothing changed".to_owned();
    }
    let mut lines = String::new();
    for change in changes {
        let mark = if change.is_breaking() { '!' } else { ' ' };
        let (kind, sentence) = (change.kind.as_str(), sentence(change, &change.subject));
        let _ = writeln!(lines, "{mark} {kind:<7} {sentence}{}", verdict(change));
    }
    let breaking = changes.iter().filter(|change| change.is_breaking());
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
    match change.verdict {
        Verdict::Breaks(why) => format!(" [BREAKING: {why}]"),
        Verdict::Harmless(why) => format!(" [not breaking: {why}]"),
        Verdict::Plain => " [not breaking]".to_owned(),
    }
}

/// The sections of a changelog that hold something, with a bullet for each change, breaking ones
/// first.
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
        section.sort_by_key(|change| !change.is_breaking());
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
    match change.verdict {
        Verdict::Breaks(why) => format!("- **breaking**: {sentence}: {why}."),
        Verdict::Harmless(_) | Verdict::Plain => format!("- {sentence}."),
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
    use crate::diff::Change;
    use crate::diff::Verdict::{Breaks, Harmless};

    fn changes() -> Vec<Change> {
        vec![
            Change::added("operation refund", ""),
            Change::changed("field Card.Year", "string -> integer").verdict(Breaks("another type")),
            Change::added("field Pay.More", "").verdict(Breaks("refused now")),
            Change::removed("value Colour.Red", "").verdict(Breaks("gone")),
            Change::changed("texts", "in 3 places").verdict(Harmless("texts")),
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
