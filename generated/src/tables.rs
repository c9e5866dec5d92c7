//! The shapes of the tables in [`limits`](crate::limits) and [`operations`](crate::operations).

use std::fmt;

use rust_decimal::Decimal;

/// One operation of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// The name, which is also that of the method on [`Client`](crate::Client).
    pub id: &'static str,
    /// The HTTP method, in capitals.
    pub method: &'static str,
    /// The path template, such as `/v4/Payment/{PaymentId}/PaymentState`.
    pub path: &'static str,
    /// The key that it wants.
    pub key: Key,
    /// Whether it may move money: such a call must not be repeated blindly.
    pub moves_money: bool,
    /// The model of the JSON body that it takes.
    pub request: Option<&'static str>,
    /// The model of the JSON body that it answers with on success.
    pub answer: Option<&'static str>,
    /// The HTTP statuses that are known.
    pub statuses: &'static [u16],
}

impl Operation {
    /// The operation of this name.
    #[must_use]
    pub fn by_id(id: &str) -> Option<&'static Self> {
        crate::operations::OPERATIONS
            .iter()
            .find(|operation| operation.id == id)
    }
}

/// The key that an operation wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// The secret key of a shop, header `x-pos-key`.
    Shop,
    /// The key of a wallet, header `x-api-key`.
    Wallet,
    /// None.
    None,
}

/// A model of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Model {
    /// The name in the spec.
    pub name: &'static str,
    /// Its properties, those it inherits included.
    pub properties: &'static [Property],
}

impl Model {
    /// The model of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<&'static Self> {
        crate::limits::MODELS
            .iter()
            .find(|model| model.name == name)
    }
}

/// A property of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Property {
    /// The name on the wire.
    pub name: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// What it looks like.
    pub shape: Shape,
    /// What is allowed.
    pub limits: Limits,
}

/// What a property looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A text: free, an id, a moment or a value of a list.
    Text,
    /// A number.
    Number,
    /// True or false.
    Flag,
    /// A time span, `d.hh:mm:ss`.
    Span,
    /// Another model, by name.
    Model(&'static str),
    /// A list.
    List(&'static Shape),
}

/// What is allowed for a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Least number of characters.
    pub min_length: Option<usize>,
    /// Greatest number of characters.
    pub max_length: Option<usize>,
    /// Least number of entries.
    pub min_items: Option<usize>,
    /// Least value.
    pub min: Option<Bound>,
    /// Greatest value.
    pub max: Option<Bound>,
    /// Shortest time span, in seconds.
    pub min_seconds: Option<u64>,
    /// Longest time span, in seconds.
    pub max_seconds: Option<u64>,
    /// The pattern that the text must match.
    pub pattern: Option<&'static Pattern>,
    /// Whether the value must not be shown.
    pub sensitive: bool,
}

impl Limits {
    /// No limits.
    pub const NONE: Self = Self {
        min_length: None,
        max_length: None,
        min_items: None,
        min: None,
        max: None,
        min_seconds: None,
        max_seconds: None,
        pattern: None,
        sensitive: false,
    };
}

/// An end of a range of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// The end itself.
    pub value: Decimal,
    /// Whether the end itself is not allowed.
    pub exclusive: bool,
}

/// Regular expression of a text, as steps that are matched one after the other.
pub struct Pattern {
    /// The regular expression.
    pub(crate) text: &'static str,
    /// The steps from the beginning of the text; none where the type of the property keeps the
    /// form.
    pub(crate) steps: &'static [Step],
    /// Whether the text ends after the last step.
    pub(crate) whole: bool,
}

/// Some characters out of a set, one after the other.
pub(crate) struct Step {
    /// The set, as ranges with both ends.
    pub(crate) set: &'static [(char, char)],
    /// The least number of characters.
    pub(crate) least: usize,
    /// The greatest number of characters.
    pub(crate) most: usize,
}

impl Pattern {
    /// The text of the regular expression.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        self.text
    }

    /// Whether a text matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let mut rest = text.chars().peekable();
        // What a step may repeat never begins the next one, so that taking all of it is right.
        for step in self.steps {
            let has = |one: &char| {
                step.set
                    .iter()
                    .any(|(start, end)| (start..=end).contains(&one))
            };
            let mut taken = 0;
            while taken < step.most && rest.next_if(has).is_some() {
                taken += 1;
            }
            if taken < step.least {
                return false;
            }
        }
        !self.whole || rest.next().is_none()
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.text, f)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}
