//! Spoilt JSON: unknown values, extra fields, missing errors.
//!
//! Works on the text, so that amounts keep their digits.

use serde_json::value::RawValue;

use crate::wire::json::Members;

/// The word that stands for every value that a client does not know yet.
pub(super) const INVENTED: &str = "InventedBySandbox";

/// Properties whose values come from a list that grows.
const WORDS: [&str; 12] = [
    "AllowedFundingSources",
    "BankCardType",
    "Currency",
    "FundingSource",
    "PaymentMethod",
    "PaymentStatus",
    "PaymentType",
    "ProcessResult",
    "RecurrenceResult",
    "RecurrenceType",
    "Status",
    "TransactionType",
];

/// What is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    UnknownValues,
    ExtraFields,
    MissingErrors,
}

/// The changed text; what is not a JSON object is left as it is.
pub(super) fn changed(text: &str, change: Change) -> String {
    if !text.starts_with('{') {
        return text.to_owned();
    }
    let write = || {
        let raw: &RawValue = serde_json::from_str(text)?;
        let mut out = String::with_capacity(text.len());
        write(raw, None, change, &mut out)?;
        Ok::<String, serde_json::Error>(out)
    };
    write().unwrap_or_else(|_| text.to_owned())
}

/// Writes one value; the name is that of the property that it belongs to, the whole has none.
fn write(
    raw: &RawValue,
    name: Option<&str>,
    change: Change,
    out: &mut String,
) -> Result<(), serde_json::Error> {
    let text = raw.get();
    let is_word = name.is_some_and(|name| WORDS.contains(&name));
    match text.as_bytes().first() {
        Some(b'{') => write_object(text, name, change, out)?,
        Some(b'[') => {
            out.push('[');
            for (place, one) in serde_json::from_str::<Vec<&RawValue>>(text)?
                .into_iter()
                .enumerate()
            {
                if place > 0 {
                    out.push(',');
                }
                write(one, name, change, out)?;
            }
            out.push(']');
        }
        Some(b'"') if is_word && change == Change::UnknownValues => {
            out.push_str(&serde_json::to_string(INVENTED)?);
        }
        _ => out.push_str(text),
    }
    Ok(())
}

fn write_object(
    text: &str,
    name: Option<&str>,
    change: Change,
    out: &mut String,
) -> Result<(), serde_json::Error> {
    let mut members = Vec::new();
    for (key, value) in serde_json::from_str::<Members<'_>>(text)?.0 {
        if change == Change::MissingErrors && name.is_none() && key == "Errors" {
            continue;
        }
        let mut member = serde_json::to_string(&key)?;
        member.push(':');
        write(value, Some(&key), change, &mut member)?;
        members.push(member);
    }
    let grows = name.is_none_or(|name| name.ends_with("Transactions"));
    if change == Change::ExtraFields && grows {
        members.push("\"SandboxExtraText\":\"x\"".to_owned());
        members.push("\"SandboxExtraNumber\":1.50".to_owned());
        members.push("\"SandboxExtraObject\":{\"Inner\":[null,true]}".to_owned());
    }
    out.push('{');
    out.push_str(&members.join(","));
    out.push('}');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"Status":"Prepared","Total":16777217.10,"Currency":null,"Name":"Status","Transactions":[{"Status":"x","Currency":"HUF"}],"AllowedFundingSources":["All"],"Errors":[]}"#;

    #[test]
    fn only_words_are_invented() {
        assert_eq!(
            changed(TEXT, Change::UnknownValues),
            r#"{"Status":"!","Total":16777217.10,"Currency":null,"Name":"Status","Transactions":[{"Status":"!","Currency":"!"}],"AllowedFundingSources":["!"],"Errors":[]}"#
                .replace('!', INVENTED)
        );
    }

    #[test]
    fn errors_go_and_the_rest_stays() {
        assert_eq!(
            changed(TEXT, Change::MissingErrors),
            TEXT.replace(",\"Errors\":[]", "")
        );
    }

    #[test]
    fn extra_fields_are_in_the_whole_and_in_transactions() {
        let text = changed(
            r#"{"Transactions":[{"A":1},{}],"B":{}}"#,
            Change::ExtraFields,
        );
        assert_eq!(text.matches("SandboxExtraObject").count(), 3);
        assert!(text.contains("\"B\":{}"), "{text}");
        assert!(
            serde_json::from_str::<serde_json::Value>(&text).is_ok(),
            "{text}"
        );
    }

    #[test]
    fn other_texts_stay() {
        for text in ["", "<html>", "[1]", "{"] {
            assert_eq!(changed(text, Change::ExtraFields), text);
        }
    }
}
