//! Buttons that pay with a test card.

use std::fmt::Write;

use super::html::escape;
use super::texts::Texts;
use crate::domain::cards::{Card, ProcessResult, TEST_CARDS};

/// The test cards as a form of buttons, with what a charge on each ends in.
pub(super) fn card_buttons(
    action: &str,
    hidden: &str,
    texts: &Texts,
    challenges: impl Fn(&Card) -> bool,
) -> String {
    let mut buttons = String::new();
    for (number, result) in TEST_CARDS {
        let asks = Card::read(number).is_some_and(|card| challenges(&card));
        let (text, tone) = match result {
            ProcessResult::Successful if asks => (texts.asks, "good"),
            ProcessResult::Successful => (texts.succeeds, "good"),
            ProcessResult::ScaSoftDeclined => (texts.soft_declined, "bad"),
            _ => (texts.declined, "bad"),
        };
        let _ = write!(
            buttons,
            "<button name=\"CardNumber\" value=\"{number}\"><span class=\"number\">{} {} {} \
             {}</span> \
             <span class=\"result {tone}\">{}</span></button>",
            &number[..4],
            &number[4..8],
            &number[8..12],
            &number[12..],
            escape(&text.replace("{why}", result.name()))
        );
    }
    format!(
        "<form method=\"post\" action=\"{action}\">{hidden}<div \
         class=\"cards\">{buttons}</div></form>"
    )
}
