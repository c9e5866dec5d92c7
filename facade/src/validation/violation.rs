//! Violations: rules that a request breaks.

use std::borrow::Cow;
use std::fmt;

/// Violation: a rule that a request breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// Path of the property, in Barion's spelling: `Transactions[0].Items[2].UnitPrice`.
    pub field: String,
    /// Kind of the rule.
    pub rule: Rule,
    /// Problem: what is wrong and what is allowed, in words that continue [`field`](Self::field).
    pub problem: String,
    /// Limit: what is allowed, by itself, where it can be expressed so.
    pub limit: Option<String>,
    /// Value that was given, where it is neither a secret nor somebody's data.
    pub value: Option<String>,
    /// Hint: what to do about it; empty where the problem says it.
    #[doc(alias = "help")]
    #[doc(alias = "mend")]
    pub hint: Cow<'static, str>,
}

/// Kind of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// Required: something that is needed is missing.
    Required,
    /// Length: a text is too short or too long, a list has too few entries.
    Length,
    /// Form: a text does not have the required form.
    Form,
    /// Range: a number is too small or too large.
    Range,
    /// Period: a duration is too short, too long, or not in whole seconds.
    Period,
    /// Digits: an amount has more of them than its currency.
    Digits,
    /// Exactness: an amount has more digits than can be computed exactly.
    Exactness,
    /// Currency: an amount is in another one than the payment.
    Currency,
    /// Uniqueness: two things have the same name.
    Unique,
    /// Sum: amounts don't add up.
    Sum,
    /// Combination: two properties exclude each other, or one needs another.
    Combination,
    /// State: the payment's state does not allow it.
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

/// Maximum number of violations that are shown in one text.
const MOST_SHOWN: usize = 30;

/// Maximum number of characters that are shown of each.
const LONGEST_SHOWN: usize = 300;

/// All violations on one line, of bounded length.
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
