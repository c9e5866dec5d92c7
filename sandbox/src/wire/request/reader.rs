//! Reader of an object's members, which notes everything that is wrong with them.
//!
//! A name may list aliases, separated by `|`; the first one that is set counts. The descriptions
//! name the property but not its path, as Barion's do.

use std::cell::RefCell;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::number::{read_count, read_decimal};
use super::span::read_span;
use crate::values::address::is_web_address;
use crate::values::id::read_id;
use crate::wire::json::{Json, Object};

/// More problems than this are not listed; a hostile request must not get a huge answer.
const MOST: usize = 50;

/// Amounts are below this, so that no sum can overflow. Assumed: the real limit is not documented.
const HIGHEST: Decimal = Decimal::from_parts(2_764_472_320, 232_830, 0, false, 0);

/// The words of an enumeration with their documented codes, where there are any.
pub(crate) type Choices = [(&'static str, Option<u32>)];

/// What is wrong with a request, one text per problem.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    list: RefCell<Vec<String>>,
    /// Whether rules that the sources leave open are read in the stricter way.
    strict: bool,
}

impl Problems {
    pub(crate) fn new(strict: bool) -> Self {
        Self {
            list: RefCell::default(),
            strict,
        }
    }

    pub(crate) fn add(&self, text: String) {
        let mut list = self.list.borrow_mut();
        if list.len() < MOST {
            list.push(text);
        }
    }

    /// The value, unless there were problems.
    pub(crate) fn settle<T>(self, value: T) -> Result<T, Vec<String>> {
        let list = self.list.into_inner();
        if list.is_empty() {
            Ok(value)
        } else {
            Err(list)
        }
    }
}

/// One object of the request.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    object: &'a Object,
    problems: &'a Problems,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(object: &'a Object, problems: &'a Problems) -> Self {
        Self { object, problems }
    }

    pub(crate) fn problem(&self, text: String) {
        self.problems.add(text);
    }

    /// Whether rules that the sources leave open are read in the stricter way.
    pub(crate) fn is_strict(&self) -> bool {
        self.problems.strict
    }

    fn wrong(&self, names: &str, what: &str) {
        let name = main_name(names);
        self.problem(format!("The field {name} {what}."));
    }

    fn required(&self, names: &str) {
        let name = main_name(names);
        self.problem(format!("The {name} field is required."));
    }

    /// Notes it when something is missing that only a strict sandbox needs.
    pub(crate) fn strictly_required(&self, names: &str) {
        if self.is_strict() && self.is_missing(names) {
            self.required(names);
        }
    }

    fn value(&self, names: &str) -> &'a Json {
        names
            .split('|')
            .map(|name| self.object.get(name))
            .find(|value| !is_unset(value))
            .unwrap_or(&Json::Null)
    }

    /// Whether nothing is given.
    pub(crate) fn is_missing(&self, names: &str) -> bool {
        is_unset(self.value(names))
    }

    /// A text or number as text; empty ones count as not given.
    fn plain(&self, names: &str) -> Option<&'a str> {
        match self.value(names) {
            Json::Null => None,
            Json::Text(text) | Json::Number(text) => Some(text),
            _ => {
                self.wrong(names, "must be a text");
                None
            }
        }
    }

    /// An optional text of `least..=most` characters, unchanged to the last blank.
    pub(crate) fn text(&self, names: &str, least: usize, most: usize) -> Option<String> {
        let text = self.plain(names)?;
        let length = text.chars().count();
        if (least..=most).contains(&length) {
            return Some(text.to_owned());
        }
        self.wrong(
            names,
            &format!("must be {least} to {most} characters long, not {length}"),
        );
        None
    }

    /// A text that must be given. On a problem the value is empty, and the request fails anyway.
    pub(crate) fn required_text(&self, names: &str, most: usize) -> String {
        if is_unset(self.value(names)) {
            self.required(names);
        }
        self.text(names, 1, most).unwrap_or_default()
    }

    pub(crate) fn email(&self, names: &str) -> Option<String> {
        let text = self.text(names, 1, 256)?;
        let well_formed = text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !domain.contains('@')
        });
        if well_formed && !text.contains(char::is_whitespace) {
            return Some(text);
        }
        self.wrong(names, "is not a valid e-mail address");
        None
    }

    pub(crate) fn phone(&self, names: &str) {
        if let Some(text) = self.text(names, 1, 30)
            && (text.starts_with('0') || !text.bytes().all(|b| b.is_ascii_digit()))
        {
            self.wrong(
                names,
                "must be digits only, beginning with the country code",
            );
        }
    }

    pub(crate) fn address(&self, names: &str) -> Option<String> {
        let text = self.text(names, 1, 2000)?;
        if is_web_address(&text) {
            return Some(text);
        }
        self.wrong(names, "is not an absolute URL");
        None
    }

    pub(crate) fn decimal(&self, names: &str) -> Option<Decimal> {
        let text = self.plain(names)?;
        let value = read_decimal(text).filter(|value| value.abs() < HIGHEST);
        if value.is_none() {
            self.wrong(names, "is not a number that can be used");
        }
        value
    }

    /// A number that must be given.
    pub(crate) fn required_decimal(&self, names: &str) -> Option<Decimal> {
        if is_unset(self.value(names)) {
            self.required(names);
        }
        self.decimal(names)
    }

    pub(crate) fn required_email(&self, names: &str) -> String {
        if is_unset(self.value(names)) {
            self.required(names);
        }
        self.email(names).unwrap_or_default()
    }

    pub(crate) fn count(&self, names: &str, least: u32, most: u32) -> Option<u32> {
        let text = self.plain(names)?;
        let count = read_count(text, most).filter(|count| *count >= least);
        if count.is_none() {
            self.wrong(
                names,
                &format!("must be a whole number from {least} to {most}"),
            );
        }
        count
    }

    /// `true` and `false`, also as text; numbers are refused.
    pub(crate) fn boolean(&self, names: &str) -> Option<bool> {
        match self.value(names) {
            Json::Null => None,
            Json::Bool(value) => Some(*value),
            Json::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Json::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => {
                self.wrong(names, "must be true or false");
                None
            }
        }
    }

    /// A period of time of at least a minute.
    pub(crate) fn span(&self, names: &str, most_days: i64) -> Option<TimeDelta> {
        let text = self.plain(names)?;
        let fits = TimeDelta::minutes(1)..=TimeDelta::days(most_days);
        let span = read_span(text).filter(|span| fits.contains(span));
        if span.is_none() {
            self.wrong(
                names,
                &format!("must be a period such as 0.00:30:00, from 1 minute to {most_days} days"),
            );
        }
        span
    }

    /// A word of an enumeration, in any letter case, or its code.
    pub(crate) fn choice(&self, names: &str, choices: &Choices) -> Option<&'static str> {
        let given = self.plain(names)?;
        let found = find_choice(given, choices);
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            self.wrong(names, &format!("must be one of {}", words.join(", ")));
        }
        found
    }

    pub(crate) fn required_choice(&self, names: &str, choices: &Choices) -> Option<&'static str> {
        if is_unset(self.value(names)) {
            self.required(names);
        }
        self.choice(names, choices)
    }

    /// A point in time; nothing is done with it but to see that it is one.
    pub(crate) fn date(&self, names: &str) -> bool {
        let Some(text) = self.plain(names) else {
            return false;
        };
        let readable = read_date(text).is_some();
        if !readable {
            self.wrong(names, "is not a date such as 2024-06-27T07:15:51.327");
        }
        readable
    }

    /// A point in time that is used.
    pub(crate) fn moment(&self, names: &str) -> Option<DateTime<Utc>> {
        let text = self.plain(names)?;
        let time = read_date(text);
        if time.is_none() {
            self.wrong(names, "is not a date such as 2024-06-27T07:15:51.327");
        }
        time
    }

    pub(crate) fn id(&self, names: &str) -> Option<Uuid> {
        let id = read_id(self.plain(names)?);
        if id.is_none() {
            self.wrong(names, "is not a valid GUID");
        }
        id
    }

    pub(crate) fn required_id(&self, names: &str) -> Uuid {
        if is_unset(self.value(names)) {
            self.required(names);
        }
        self.id(names).unwrap_or_default()
    }

    /// An object inside this one.
    pub(crate) fn object(&self, names: &str) -> Option<Reader<'a>> {
        match self.value(names) {
            Json::Null => None,
            Json::Object(object) => Some(Reader::new(object, self.problems)),
            _ => {
                self.wrong(names, "must be an object");
                None
            }
        }
    }

    /// An object that must be given.
    pub(crate) fn required_object(&self, names: &str) -> Option<Reader<'a>> {
        if self.is_missing(names) {
            self.required(names);
        }
        self.object(names)
    }

    /// The values of a list; `None` when there is no list.
    pub(crate) fn list(&self, names: &str) -> Option<&'a [Json]> {
        match self.value(names) {
            Json::Null => None,
            Json::List(list) => Some(list),
            _ => {
                self.wrong(names, "must be a list");
                None
            }
        }
    }

    /// The objects of a list.
    pub(crate) fn objects(&self, names: &str) -> Option<Vec<Reader<'a>>> {
        let mut objects = Vec::new();
        for value in self.list(names)? {
            if let Json::Object(object) = value {
                objects.push(Reader::new(object, self.problems));
            } else {
                self.wrong(names, "must hold objects only");
                break;
            }
        }
        Some(objects)
    }

    /// The objects of a list that must hold at least one.
    pub(crate) fn required_objects(&self, names: &str) -> Vec<Reader<'a>> {
        if is_unset(self.value(names)) {
            self.required(names);
            return Vec::new();
        }
        let objects = self.objects(names).unwrap_or_default();
        if matches!(self.value(names), Json::List(list) if list.is_empty()) {
            self.wrong(names, "must hold at least one entry");
        }
        objects
    }
}

/// Finds a word by its name in any letter case or by its code.
pub(crate) fn find_choice(given: &str, choices: &Choices) -> Option<&'static str> {
    let code: Option<u32> = given.parse().ok();
    choices
        .iter()
        .find(|(word, number)| {
            word.eq_ignore_ascii_case(given) || (code.is_some() && *number == code)
        })
        .map(|(word, _)| *word)
}

fn main_name(names: &str) -> &str {
    names.split('|').next().unwrap_or(names)
}

fn is_unset(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Text(text) => text.is_empty(),
        _ => false,
    }
}

/// Takes the documented form, a blank for the `T`, an offset or `Z`, and a date alone.
fn read_date(text: &str) -> Option<DateTime<Utc>> {
    let text = text.replacen(' ', "T", 1);
    let day = || NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok();
    NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f")
        .ok()
        .or_else(|| day().map(|day| day.and_time(NaiveTime::MIN)))
        .map(|time| time.and_utc())
        .or_else(|| Some(DateTime::parse_from_rfc3339(&text).ok()?.to_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::json;

    fn with<T>(text: &str, read: impl Fn(Reader<'_>) -> T) -> Result<T, Vec<String>> {
        let Ok(Json::Object(object)) = json::parse(text.as_bytes()) else {
            panic!("an object: {text}")
        };
        let problems = Problems::default();
        let value = read(Reader::new(&object, &problems));
        problems.settle(value)
    }

    #[test]
    fn the_bound_of_amounts_is_a_quadrillion() {
        assert_eq!(HIGHEST.to_string(), "1000000000000000");
        assert!(with(r#"{"a":1e15}"#, |r| r.decimal("a")).is_err());
        assert!(with(r#"{"a":999999999999999.99}"#, |r| r.decimal("a")).is_ok());
    }

    #[test]
    fn unset_values_read_as_missing() {
        for text in [r#"{"a":null}"#, r#"{"a":""}"#, "{}"] {
            assert_eq!(with(text, |r| r.text("a", 2, 5)), Ok(None));
            let problem = with(text, |r| r.required_text("A|b", 5)).unwrap_err();
            assert_eq!(problem, ["The A field is required."]);
        }
        assert_eq!(
            with(r#"{"a":"","b":"x"}"#, |r| r.text("a|b", 1, 5)),
            Ok(Some("x".to_owned()))
        );
    }

    #[test]
    fn words_match_in_any_case_and_by_code() {
        let words: &Choices = &[("NoPreference", Some(0)), ("ChallengeRequired", Some(10))];
        for text in [r#"{"a":"nopreference"}"#, r#"{"a":0}"#, r#"{"a":"0"}"#] {
            assert_eq!(
                with(text, |r| r.choice("a", words)),
                Ok(Some("NoPreference"))
            );
        }
        assert!(with(r#"{"a":"other"}"#, |r| r.choice("a", words)).is_err());
        assert!(with(r#"{"a":[]}"#, |r| r.choice("a", words)).is_err());
    }

    #[test]
    fn dates_are_read_in_the_forms_in_use() {
        for text in [
            "2024-06-27T07:15:51.327",
            "2099-12-31 23:59:59",
            "2024-06-27T07:15:51Z",
            "2024-06-27",
        ] {
            assert!(read_date(text).is_some(), "{text}");
        }
        assert_eq!(read_date("27.06.2024"), None);
    }

    #[test]
    fn booleans_are_no_numbers() {
        assert_eq!(with(r#"{"a":"True"}"#, |r| r.boolean("a")), Ok(Some(true)));
        assert!(with(r#"{"a":1}"#, |r| r.boolean("a")).is_err());
    }

    #[test]
    fn the_list_of_problems_is_bounded() {
        let problems = with("{}", |r| (0..1000).for_each(|_| r.required("a"))).unwrap_err();
        assert_eq!(problems.len(), MOST);
    }
}
