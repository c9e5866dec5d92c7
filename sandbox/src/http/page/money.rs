//! Amounts as people read them, by locale.

use rust_decimal::Decimal;

use crate::domain::currency::Currency;

/// Keeps an amount on one line. Groups are parted by it in every locale: a point or a comma there
/// would read as the decimal mark to half of the readers.
const BLANK: char = '\u{a0}';

/// The amount and its currency's code, in the order of the locale.
pub(super) fn money(amount: Decimal, currency: Currency, locale: &str) -> String {
    let number = number(amount, currency.digits, locale);
    if is_english(locale) {
        format!("{}{BLANK}{number}", currency.code)
    } else {
        format!("{number}{BLANK}{}", currency.code)
    }
}

/// The exact value with at least this many digits after the decimal mark, never rounded.
pub(super) fn number(amount: Decimal, digits: u32, locale: &str) -> String {
    let mut exact = amount.normalize();
    if exact.scale() < digits {
        exact.rescale(digits);
    }
    let text = exact.abs().to_string();
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let mut written = String::new();
    if exact.is_sign_negative() && !exact.is_zero() {
        written.push('-');
    }
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            written.push(BLANK);
        }
        written.push(digit);
    }
    if !rest.is_empty() {
        written.push(if is_english(locale) { '.' } else { ',' });
        written.push_str(rest);
    }
    written
}

/// Of the locales that payments can have only this one writes a decimal point.
fn is_english(locale: &str) -> bool {
    locale.starts_with("en")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::currency::CURRENCIES;

    #[test]
    fn amounts_follow_currency_and_locale() {
        let [huf, eur, ..] = CURRENCIES;
        for (amount, currency, locale, expected) in [
            ("3890", huf, "hu-HU", "3 890 HUF"),
            ("84.0", huf, "hu-HU", "84 HUF"),
            ("16777217", huf, "en-US", "HUF 16 777 217"),
            ("0", huf, "hu-HU", "0 HUF"),
            ("0.3", eur, "de-DE", "0,30 EUR"),
            ("1234.50", eur, "cs-CZ", "1 234,50 EUR"),
            (
                "99999999999999.99",
                eur,
                "en-US",
                "EUR 99 999 999 999 999.99",
            ),
            ("-1000", eur, "sk-SK", "-1 000,00 EUR"),
            // A line of an order may have more digits than its currency; they are not hidden.
            ("12.3456", huf, "fr-FR", "12,3456 HUF"),
        ] {
            let written = money(amount.parse().unwrap(), currency, locale);
            assert_eq!(written.replace(BLANK, " "), expected);
        }
    }
}
