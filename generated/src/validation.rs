//! Validation of requests against the limits of the spec.
//!
//! [`Validate`] walks over a request and reports each [`BrokenLimit`] with the [`Path`] of its
//! property. The walks are generated, one for each model of a request that has something to check.
//! A valid request costs comparisons only: nothing is serialized, and no path is spelt.

use std::fmt;

use crate::tables::{Bound, Limits, Property, Shape};
use crate::wire::{Decimal, Sensitive, TimeSpan};

/// The path of a property inside of a request. It displays as `Transactions[0].Items[2].Name`.
///
/// A path borrows the one that it continues, so it is built on the stack and without allocation.
///
/// ```
/// use barion_generated::validation::Path;
///
/// let transactions = Path::ROOT.name("Transactions");
/// let transaction = transactions.index(0);
/// assert_eq!(transaction.name("Total").to_string(), "Transactions[0].Total");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Path<'a>(Step<'a>);

#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Root,
    Name(&'a Path<'a>, &'a str),
    Index(&'a Path<'a>, usize),
}

impl Path<'_> {
    /// The request itself: an empty path.
    pub const ROOT: Self = Self(Step::Root);
}

impl<'a> Path<'a> {
    /// The path of a property in here.
    #[must_use]
    pub fn name(&'a self, name: &'a str) -> Self {
        Self(Step::Name(self, name))
    }

    /// The path of an entry in here, counted from 0.
    #[must_use]
    pub fn index(&'a self, index: usize) -> Self {
        Self(Step::Index(self, index))
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Step::Root => Ok(()),
            Step::Name(Path(Step::Root), name) => f.write_str(name),
            Step::Name(parent, name) => write!(f, "{parent}.{name}"),
            Step::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

impl From<&Path<'_>> for String {
    fn from(path: &Path<'_>) -> Self {
        path.to_string()
    }
}

/// A limit of a property that its value does not keep.
#[derive(Debug, Clone, Copy)]
pub enum BrokenLimit<'a> {
    /// A required property has no value.
    Missing,
    /// A text has too few characters.
    TextTooShort {
        /// The characters that it has.
        length: usize,
        /// The least number of characters.
        least: usize,
    },
    /// A text has too many characters.
    TextTooLong {
        /// The characters that it has.
        length: usize,
        /// The greatest number of characters.
        most: usize,
    },
    /// A text does not match the pattern.
    TextMismatch {
        /// The text, which must not be shown where the property is sensitive.
        text: &'a str,
        /// The pattern.
        pattern: &'static str,
    },
    /// A list has too few entries.
    ListTooShort {
        /// The entries that it has.
        entries: usize,
        /// The least number of entries.
        least: usize,
    },
    /// A number is too small.
    NumberTooSmall {
        /// The number.
        number: Decimal,
        /// The least number.
        bound: &'static Bound,
    },
    /// A number is too great.
    NumberTooGreat {
        /// The number.
        number: Decimal,
        /// The greatest number.
        bound: &'static Bound,
    },
    /// A time span is not a number of whole seconds.
    SpanWithFraction {
        /// The time span.
        span: TimeSpan,
    },
    /// A time span is too short.
    SpanTooShort {
        /// The time span.
        span: TimeSpan,
        /// The shortest time span, in seconds.
        least: u64,
    },
    /// A time span is too long.
    SpanTooLong {
        /// The time span.
        span: TimeSpan,
        /// The longest time span, in seconds.
        most: u64,
    },
}

/// The function that is called for each broken limit, in the order of the table of limits.
pub type Report<'a> = dyn FnMut(&Path<'_>, &'static Property, BrokenLimit<'_>) + 'a;

/// A model of a request that can be checked against the limits of the spec.
pub trait Validate {
    /// Reports every limit that the request breaks. `path` is where it stands in the whole request.
    fn validate(&self, path: &Path<'_>, report: &mut Report<'_>);
}

/// The value of a property. Its type decides which of the limits apply to it.
pub(crate) trait Value {
    /// Reports every limit of the property that the value breaks.
    fn check(&self, property: &'static Property, path: &Path<'_>, report: &mut Report<'_>);
}

impl Property {
    /// Reports every limit that a value of this property breaks, by the path of the property.
    pub(crate) fn check(
        &'static self,
        value: &impl Value,
        parent: &Path<'_>,
        report: &mut Report<'_>,
    ) {
        value.check(self, &parent.name(self.name), report);
    }
}

impl<T: Validate> Value for T {
    fn check(&self, _: &'static Property, path: &Path<'_>, report: &mut Report<'_>) {
        self.validate(path, report);
    }
}

impl<T: Value> Value for Option<T> {
    fn check(&self, property: &'static Property, path: &Path<'_>, report: &mut Report<'_>) {
        match self {
            Some(value) => value.check(property, path, report),
            None if property.required => report(path, property, BrokenLimit::Missing),
            None => {}
        }
    }
}

/// The limits of a list are those of its length; its entries have none but their own.
static ENTRY: Property = Property {
    name: "",
    required: true,
    shape: Shape::Text,
    limits: Limits::NONE,
};

impl<T: Value> Value for Vec<T> {
    fn check(&self, property: &'static Property, path: &Path<'_>, report: &mut Report<'_>) {
        let entries = self.len();
        if entries == 0 && !property.required {
            // An empty list is not sent.
            return;
        }
        if let Some(least) = property.limits.min_items
            && entries < least
        {
            report(path, property, BrokenLimit::ListTooShort { entries, least });
        }
        for (index, entry) in self.iter().enumerate() {
            entry.check(&ENTRY, &path.index(index), report);
        }
    }
}

impl Value for String {
    fn check(&self, property: &'static Property, path: &Path<'_>, report: &mut Report<'_>) {
        text(self, property, path, report);
    }
}

impl Value for Sensitive {
    fn check(&self, property: &'static Property, path: &Path<'_>, report: &mut Report<'_>) {
        text(self.expose(), property, path, report);
    }
}

/// Checks a text, be it free, hidden or a value of an open enumeration.
pub(crate) fn text(
    text: &str,
    property: &'static Property,
    path: &Path<'_>,
    report: &mut Report<'_>,
) {
    let limits = &property.limits;
    if limits.min_length.is_some() || limits.max_length.is_some() {
        let length = text.chars().count();
        if let Some(least) = limits.min_length
            && length < least
        {
            report(path, property, BrokenLimit::TextTooShort { length, least });
            return;
        }
        if let Some(most) = limits.max_length
            && length > most
        {
            report(path, property, BrokenLimit::TextTooLong { length, most });
        }
    }
    if let Some(pattern) = limits.pattern
        && !pattern.matches(text)
    {
        let pattern = pattern.as_str();
        report(path, property, BrokenLimit::TextMismatch { text, pattern });
    }
}

impl Value for i32 {
    fn check(&self, property: &'static Property, path: &Path<'_>, report: &mut Report<'_>) {
        Decimal::from(i64::from(*self)).check(property, path, report);
    }
}

impl Value for i64 {
    fn check(&self, property: &'static Property, path: &Path<'_>, report: &mut Report<'_>) {
        Decimal::from(*self).check(property, path, report);
    }
}

impl Value for Decimal {
    fn check(&self, property: &'static Property, path: &Path<'_>, report: &mut Report<'_>) {
        let number = *self;
        let on_bound = |bound: &Bound| bound.exclusive && number.get() == bound.value;
        if let Some(bound) = &property.limits.min
            && (number.get() < bound.value || on_bound(bound))
        {
            report(
                path,
                property,
                BrokenLimit::NumberTooSmall { number, bound },
            );
        }
        if let Some(bound) = &property.limits.max
            && (number.get() > bound.value || on_bound(bound))
        {
            report(
                path,
                property,
                BrokenLimit::NumberTooGreat { number, bound },
            );
        }
    }
}

impl Value for TimeSpan {
    fn check(&self, property: &'static Property, path: &Path<'_>, report: &mut Report<'_>) {
        let span = *self;
        let (seconds, nanos) = (span.duration().as_secs(), span.duration().subsec_nanos());
        if nanos != 0 {
            report(path, property, BrokenLimit::SpanWithFraction { span });
        }
        if let Some(least) = property.limits.min_seconds
            && seconds < least
        {
            report(path, property, BrokenLimit::SpanTooShort { span, least });
        }
        if let Some(most) = property.limits.max_seconds
            && (seconds, nanos) > (most, 0)
        {
            report(path, property, BrokenLimit::SpanTooLong { span, most });
        }
    }
}

#[cfg(test)]
mod tests {

    use super::{BrokenLimit, Path, Validate};
    use crate::limits::MODELS;
    use crate::types;

    fn of(request: &impl Validate) -> Vec<String> {
        let mut found = Vec::new();
        request.validate(&Path::ROOT, &mut |path, _, limit: BrokenLimit<'_>| {
            found.push(format!("{path} {limit:?}"));
        });
        found
    }

    #[test]
    fn a_path_is_spelt_as_barion_spells_it() {
        let transactions = Path::ROOT.name("Transactions");
        let items = transactions.index(0);
        let items = items.name("Items");
        let item = items.index(2);
        assert_eq!(
            item.name("Name").to_string(),
            "Transactions[0].Items[2].Name"
        );
        assert_eq!(String::from(&item), "Transactions[0].Items[2]");
        assert_eq!(Path::ROOT.to_string(), "");
    }

    #[test]
    fn what_is_nested_is_reached_and_what_is_not_set_is_not_checked() {
        let part = |name: &str, total: i64| types::PayeeTransactionToFinish {
            comment: Some(name.to_owned()),
            total: total.into(),
            transaction_id: uuid::Uuid::nil().into(),
        };
        let long = "x".repeat(641);
        let mut request = types::FinishReservationRequest {
            payment_id: uuid::Uuid::nil().into(),
            pos_key: None,
            transactions: vec![types::TransactionToFinish {
                comment: None,
                items: Vec::new(),
                payee_transactions: vec![part("", 1), part(&long, -1)],
                total: 0.into(),
                transaction_id: uuid::Uuid::nil().into(),
            }],
        };
        let bound = "bound: Bound { value: 0, exclusive: false }";
        let part = "Transactions[0].PayeeTransactions[1]";
        assert_eq!(
            of(&request),
            [
                format!("{part}.Comment TextTooLong {{ length: 641, most: 640 }}"),
                format!("{part}.Total NumberTooSmall {{ number: -1, {bound} }}"),
            ]
        );
        request.transactions.clear();
        assert_eq!(
            of(&request),
            ["Transactions ListTooShort { entries: 0, least: 1 }"]
        );
    }

    #[test]
    fn a_pattern_is_matched_as_a_regular_expression_would() {
        let patterns = MODELS.iter().flat_map(|model| model.properties);
        let patterns = patterns.filter_map(|one| one.limits.pattern);
        let pattern = |text: &str| {
            let mut found = patterns.clone().filter(|one| one.as_str() == text);
            found
                .next()
                .unwrap_or_else(|| panic!("no property has the pattern {text}"))
        };
        for (text, matching, other) in [
            (
                "^[^@\\s]+@[^@\\s]+$",
                &["a@b", "jane.doe@shop.example", "ő@ű"][..],
                &[
                    "", "@", "a@", "@b", "a@b@c", "a b@c", "a@b c", " a@b", "a@b\n",
                ][..],
            ),
            (
                "^[A-Z]{2}$",
                &["HU", "ZZ"],
                &["", "H", "HUN", "hu", "H1", "HU "],
            ),
            (
                "^[1-9][0-9]*$",
                &["1", "36301234567"],
                &["", "0", "0630", "+36", "36 30"],
            ),
            (
                "^https://",
                &["https://", "https://a"],
                &["", "http://a", " https://a"],
            ),
        ] {
            let pattern = pattern(text);
            for one in matching {
                assert!(pattern.matches(one), "{text}: {one:?}");
            }
            for one in other {
                assert!(!pattern.matches(one), "{text}: {one:?}");
            }
        }
    }
}
