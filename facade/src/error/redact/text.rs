//! Redaction of Barion's texts and codes: only words that can't be anybody's data are left.

use super::words::{HIDDEN, is_barions, is_code, is_plain};

/// Maximum number of characters of a text that is shown, the last sign included.
const SHOWN: usize = 200;

/// How many characters of a text are read. A text may have megabytes.
const READ: usize = 2_000;

/// Barion's error code, if it is a known one or made of known words: `ShopIsClosed`.
pub(crate) fn code(given: &str) -> &str {
    if is_code(given) { given } else { HIDDEN }
}

/// Barion's text with everything hidden but words that are known to be safe. One line, of bounded
/// length.
pub(crate) fn text(given: &str) -> String {
    let mut shown = Shown::default();
    let mut word = String::new();
    let mut chars = given.chars();
    for c in chars.by_ref().take(READ) {
        if is_separator(c) {
            shown.word(&word);
            shown.separator(c);
            word.clear();
        } else {
            word.push(c);
        }
    }
    shown.word(&word);
    shown.end(chars.next().is_some())
}

fn is_separator(c: char) -> bool {
    c.is_ascii_whitespace() || matches!(c, '(' | ')' | '\'' | '"' | ',' | ';' | ':')
}

/// The shown text so far.
struct Shown {
    text: String,
    /// Written before the next word.
    separators: String,
    after_hidden: bool,
    /// Whether a capital letter may be that of a sentence.
    begins_sentence: bool,
}

impl Default for Shown {
    fn default() -> Self {
        Self {
            text: String::new(),
            separators: String::new(),
            after_hidden: false,
            begins_sentence: true,
        }
    }
}

impl Shown {
    fn separator(&mut self, c: char) {
        let c = if c.is_ascii_whitespace() { ' ' } else { c };
        // A row of signs carries no information.
        if self.separators.len() < 3 && !self.separators.ends_with(c) {
            self.separators.push(c);
        }
    }

    fn word(&mut self, word: &str) {
        let core = word.trim_end_matches(['.', '!', '?']);
        let end = word[core.len()..].chars().next();
        if core.is_empty() {
            if let Some(end) = end {
                self.put(&end.to_string(), false);
            }
        } else if is_barions(core) || is_plain(core, self.begins_sentence) {
            self.put(core, false);
        } else {
            self.put(HIDDEN, true);
        }
        if let Some(end) = end.filter(|end| !core.is_empty() && !self.text.ends_with(*end)) {
            self.text.push(end);
        }
        if !word.is_empty() {
            self.begins_sentence = end.is_some();
        }
    }

    fn put(&mut self, word: &str, hidden: bool) {
        let separators = std::mem::take(&mut self.separators);
        // Several hidden words in a row become one: their number is hidden too.
        if hidden && self.after_hidden {
            return;
        }
        self.text.push_str(&separators);
        // "user(hidden)" and not "user((hidden))".
        let in_brackets = hidden && separators.ends_with('(');
        self.text
            .push_str(if in_brackets { "hidden" } else { word });
        self.after_hidden = hidden;
    }

    fn end(mut self, cut: bool) -> String {
        let last = self.separators.trim_end();
        self.text.push_str(last);
        let text = self.text.trim();
        if text.chars().count() <= SHOWN && !cut {
            return text.to_owned();
        }
        let mut short: String = text.chars().take(SHOWN - 1).collect();
        short.push('…');
        short
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{SHOWN, code, text};

    #[test]
    fn known_texts_stay_as_they_are() {
        for known in [
            "User authentication failed.",
            "Model Validation Error",
            "Model validation error",
            "Your shop is in draft state.",
            "The login information provided is incorrect. There is no such user in the system or the password is \
             incorrect.",
            "Invalid user",
            "The Description field is required.",
            "Field Currency is missing.",
            "The given payment id is invalid",
            "Token payments are not enabled for this merchant.",
            "There is too little on the account to pay this back.",
            "The merchant has not been approved yet.",
            "The shop may not use token payments.",
            "The field Transactions[0].Items[1].UnitPrice is not documented.",
            "The payment is Reserved, not Authorized.",
            "The requested resource does not support http method 'GET'.",
            "Send the shop for approval first.",
        ] {
            assert_eq!(text(known), known);
        }
    }

    #[test]
    fn what_is_not_known_is_hidden_and_the_rest_says_enough() {
        for (given, shown) in [
            (
                "Invalid user(customer@example.com)!",
                "Invalid user(hidden)!",
            ),
            (
                "The given payment id(8a2d7938-5964-dbfb-31f4-f848d2bf981b) is invalid!",
                "The given payment id(hidden) is invalid!",
            ),
            (
                "The field Region must be a string or array type with a minimum length of '2'.",
                "The field Region must be a string or array type with a minimum length of '(hidden)'.",
            ),
            (
                "There is no wallet of Jane Payer.",
                "There is no wallet of (hidden).",
            ),
            (
                "No such user: Will Small, Price Page",
                "No such user: (hidden)",
            ),
            ("call 36 30 123 4567 now", "call (hidden)"),
            ("user%40example.com", "(hidden)"),
            ("user＠example．com", "(hidden)"),
            (
                "invalid\r\nuser\u{202e}\u{200b} token",
                "invalid (hidden) token",
            ),
            ("\u{1b}[31minvalid", "(hidden)"),
            ("A fizetés nem található", "A (hidden)"),
            ("", ""),
            (" \n ", ""),
        ] {
            assert_eq!(text(given), shown);
        }
    }

    #[test]
    fn a_code_is_known_or_of_known_words() {
        for good in [
            "ModelValidationError",
            "modelvalidationerror",
            "UserCantReceiveEMoney",
            "ShopIsSuspended",
            "TooManyRequests",
            "",
        ] {
            assert_eq!(code(good), good);
        }
        let long = "Error".repeat(13);
        for bad in [
            "4",
            "Shop Is",
            "jane@example.com",
            "Shop\nIs",
            "Shop_Is",
            "JaneIsInvalid",
            "eyJhbGci",
            "JANE",
            "é",
            &long,
        ] {
            assert_eq!(code(bad), "(hidden)");
        }
    }

    proptest! {
        #[test]
        fn it_is_short_and_on_one_line(given in ".{0,400}|(invalid |\\(|user\\.)*") {
            let shown = text(&given);
            prop_assert!(shown.chars().count() <= SHOWN);
            prop_assert!(shown.chars().all(|c| c == '…' || c.is_ascii_graphic() || c == ' '), "{}", shown);
        }
    }

    #[test]
    fn megabytes_take_no_time() {
        assert_eq!(text(&"jane ".repeat(1_000_000)), "(hidden)…");
        assert_eq!(text(&"user ".repeat(1_000_000)).chars().count(), SHOWN);
    }
}
