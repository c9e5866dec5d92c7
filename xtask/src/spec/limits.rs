//! Limits of properties: what holds for a property, including what its named scalar says.

use serde_json::Value;

use super::document::Spec;
use super::reference::ref_name;

/// The keywords that limit values, but for the flags beside a bound (`exclusiveMinimum`).
pub const LIMITS: [&str; 13] = [
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "uniqueItems",
    "x-barion-maximum",
    "x-barion-minimum",
];

/// The flag that makes a bound exclusive; empty for other keywords.
#[must_use]
pub fn exclusive_flag(keyword: &str) -> &'static str {
    match keyword {
        "minimum" => "exclusiveMinimum",
        "maximum" => "exclusiveMaximum",
        _ => "",
    }
}

/// The value of a keyword of a property. A keyword of the named scalar or list that the property
/// refers to holds too; the property may narrow it.
#[must_use]
pub fn limit<'a>(spec: &'a Spec, property: &'a Value, keyword: &str) -> Option<&'a Value> {
    let named = || {
        let name = ref_name(property).filter(|name| !spec.is_model(name))?;
        spec.schema(name).get(keyword)
    };
    property.get(keyword).or_else(named)
}

/// The seconds of a time span `d.hh:mm:ss`.
#[must_use]
pub fn seconds(span: &str) -> Option<u64> {
    let (days, clock) = span.split_once('.')?;
    let clock: Vec<u64> = clock
        .split(':')
        .map(|part| part.parse::<u32>().ok().map(u64::from))
        .collect::<Option<_>>()?;
    let [hours, minutes, seconds] = clock[..] else {
        return None;
    };
    let days = u64::from(days.parse::<u32>().ok()?);
    Some(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn spans_become_seconds() {
        assert_eq!(seconds("0.00:01:00"), Some(60));
        assert_eq!(seconds("365.00:00:00"), Some(31_536_000));
        for span in ["00:01:00", "1.00:00", "1.00:00:00:00", "soon"] {
            assert_eq!(seconds(span), None, "{span}");
        }
    }
}
