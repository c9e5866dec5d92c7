//! Rules that a request breaks.

use std::borrow::Cow;
use std::fmt;

/// A rule that a request breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The path of the property, spelt as Barion spells it: `Transactions[0].Items[2].UnitPrice`.
    pub field: String,
    /// Which kind of rule it is.
    pub rule: Rule,
    /// What is wrong and what is allowed, in words that go on from [`field`](Self::field).
    pub problem: String,
    /// What is allowed, by itself, where it can be said so.
    pub limit: Option<String>,
    /// What was given, where it is neither a secret nor somebody's data.
    pub value: Option<String>,
    /// What to do about it; empty where the problem says it.
    pub hint: Cow<'static, str>,
}

/// The kind of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// Something that is needed is missing.
    Required,
    /// A text is too short or too long, a list has too few entries.
    Length,
    /// A text does not look as it should.
    Form,
    /// A number is too small or too large.
    Range,
    /// A length of time is too short, too long, or no whole seconds.
    Period,
    /// An amount has more digits than its currency.
    Digits,
    /// An amount has more digits than can be computed exactly.
    Exactness,
    /// An amount is in another currency than the payment.
    Currency,
    /// Something has the name of something else.
    Unique,
    /// Amounts don't add up.
    Sum,
    /// Two properties exclude each other, or one needs another.
    Combination,
    /// The state of the payment does not allow it.
    State,
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "callers hand over what they have just made"
)]
impl Violation {
    pub(crate) fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            rule: Rule::Combination,
            problem: problem.into(),
            limit: None,
            value: None,
            hint: Cow::Borrowed(""),
        }
    }

    pub(crate) fn rule(mut self, rule: Rule) -> Self {
        self.rule = rule;
        self
    }

    pub(crate) fn limit(mut self, limit: impl ToString) -> Self {
        self.limit = Some(limit.to_string());
        self
    }

    pub(crate) fn value(mut self, value: impl ToString) -> Self {
        self.value = Some(value.to_string());
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// So many violations are shown in one text.
const MOST_SHOWN: usize = 30;

/// So many characters of each are shown.
const LONGEST_SHOWN: usize = 300;

/// All on one line, of bounded length.
pub(crate) fn listed(violations: &[Violation]) -> String {
    let shown = violations.iter().take(MOST_SHOWN).map(|violation| {
        let text = violation.to_string();
        match text.char_indices().nth(LONGEST_SHOWN) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    });
    let mut list: Vec<String> = shown.collect();
    if violations.len() > MOST_SHOWN {
        list.push(format!("and {} more", violations.len() - MOST_SHOWN));
    }
    list.join("; ")
}

/// `Transactions[0].Items[2].Name has 251 characters; at most 250 are allowed: shorten it`
impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.problem)?;
        if !self.hint.is_empty() {
            write!(f, ": {}", self.hint)?;
        }
        Ok(())
    }
}
