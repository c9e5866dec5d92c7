//! Test cards, and the bank's answer to a charge of each.

use serde::{Deserialize, Serialize, Serializer};

/// Test card that succeeds: Barion's documented one.
pub const CARD_OK: &str = "4444888888885559";
/// Test card that is refused with `ProblemWithCard`. The number is known from public shops only.
pub const CARD_PROBLEM: &str = "4444888888884446";
/// Test card that is refused with `LowFunds`. The number is known from public shops only.
pub const CARD_LOW_FUNDS: &str = "4444888888889999";
/// Test card that is refused with `LostOrStolenCard`. The number is known from public shops only.
pub const CARD_LOST_OR_STOLEN: &str = "4444888888881111";
/// Test card that is refused with `Declined`. **Invented here**: Barion's own number is not known.
pub const CARD_DECLINED: &str = "4444888888885005";
/// Test card that is refused with `FraudulentTransaction`. **Invented here**.
pub const CARD_FRAUDULENT: &str = "4444888888886060";
/// Test card that is refused with `CardSystemError`. **Invented here**.
pub const CARD_SYSTEM_ERROR: &str = "4444888888887373";
/// Test card that is refused with `ScaSoftDeclined` when the payment was started with the
/// `ChallengePreference` `NoChallengeNeeded`; otherwise a charge succeeds. **Invented here**.
pub const CARD_SCA_SOFT_DECLINED: &str = "4444888888888181";

/// Test card whose issuer challenges the payer on the gateway page (3-D Secure).
///
/// Approved, a charge succeeds; failed, it ends in `FailedDuringAuthentication`. Elsewhere a charge
/// succeeds without a challenge. **Invented here**.
pub const CARD_CHALLENGE: &str = "4444888888883034";

/// What the bank said, as `FundingInformation.ProcessResult` prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ProcessResult {
    Successful,
    ProblemWithCard,
    LowFunds,
    LostOrStolenCard,
    Declined,
    FraudulentTransaction,
    CardSystemError,
    ScaSoftDeclined,
    FailedDuringAuthentication,
    CardNotSupported,
}

impl ProcessResult {
    /// The wire name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Successful => "Successful",
            Self::ProblemWithCard => "ProblemWithCard",
            Self::LowFunds => "LowFunds",
            Self::LostOrStolenCard => "LostOrStolenCard",
            Self::Declined => "Declined",
            Self::FraudulentTransaction => "FraudulentTransaction",
            Self::CardSystemError => "CardSystemError",
            Self::ScaSoftDeclined => "ScaSoftDeclined",
            Self::FailedDuringAuthentication => "FailedDuringAuthentication",
            Self::CardNotSupported => "CardNotSupported",
        }
    }
}

/// The cards the gateway page offers, in its order.
pub(crate) const TEST_CARDS: [(&str, ProcessResult); 9] = [
    (CARD_OK, ProcessResult::Successful),
    (CARD_CHALLENGE, ProcessResult::Successful),
    (CARD_PROBLEM, ProcessResult::ProblemWithCard),
    (CARD_LOW_FUNDS, ProcessResult::LowFunds),
    (CARD_LOST_OR_STOLEN, ProcessResult::LostOrStolenCard),
    (CARD_DECLINED, ProcessResult::Declined),
    (CARD_FRAUDULENT, ProcessResult::FraudulentTransaction),
    (CARD_SYSTEM_ERROR, ProcessResult::CardSystemError),
    (CARD_SCA_SOFT_DECLINED, ProcessResult::ScaSoftDeclined),
];

/// A card number that passed the Luhn check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Card {
    #[serde(serialize_with = "without_secret")]
    number: String,
}

impl Card {
    /// Reads a number of 12 to 19 digits; blanks and dashes between them are ignored.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let number: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let fits = (12..=19).contains(&number.len());
        (fits && passes_luhn(&number)).then_some(Self { number })
    }

    /// The documented card that always succeeds; stands in for the card behind a wallet's token.
    pub(crate) fn always_good() -> Self {
        Self {
            number: CARD_OK.to_owned(),
        }
    }

    /// The last four digits, all that answers show of a card.
    pub(crate) fn masked(&self) -> &str {
        &self.number[self.number.len() - 4..]
    }

    /// The brand, by the leading digits.
    pub(crate) fn brand(&self) -> &'static str {
        match self.number.as_bytes() {
            [b'4', ..] => "Visa",
            [b'5', b'1'..=b'5', ..] | [b'2', b'2'..=b'7', ..] => "MasterCard",
            [b'3', b'4' | b'7', ..] => "AmericanExpress",
            [b'5', b'0' | b'6'..=b'9', ..] => "Maestro",
            _ => "Unknown",
        }
    }

    /// Whether its issuer challenges every payer.
    pub(crate) fn wants_challenge(&self) -> bool {
        self.number == CARD_CHALLENGE
    }

    /// What a charge ends in. `exempt` says that the shop asked for no challenge.
    pub(crate) fn charge(&self, exempt: bool) -> ProcessResult {
        let listed = TEST_CARDS
            .iter()
            .find(|(number, _)| *number == self.number)
            .map(|(_, result)| *result);
        match listed {
            Some(ProcessResult::ScaSoftDeclined) if !exempt => ProcessResult::Successful,
            Some(result) => result,
            // Assumed: real cards do not work in Barion's sandbox; how they fail there is not
            // documented.
            None => ProcessResult::CardNotSupported,
        }
    }
}

/// A number that is no test card's may be a real one: its middle digits are never written.
/// Nothing depends on them.
fn without_secret<S: Serializer>(number: &str, to: S) -> Result<S::Ok, S::Error> {
    if TEST_CARDS.iter().any(|(known, _)| *known == number) {
        return to.serialize_str(number);
    }
    let shown = |place: usize| place < 6 || place + 4 >= number.len();
    let digits = number.chars().enumerate();
    let kept: String = digits
        .map(|(place, digit)| if shown(place) { digit } else { '0' })
        .collect();
    to.serialize_str(&kept)
}

fn passes_luhn(number: &str) -> bool {
    let mut sum = 0_u32;
    for (place, digit) in number.bytes().rev().enumerate() {
        if !digit.is_ascii_digit() {
            return false;
        }
        let value = u32::from(digit - b'0') * if place % 2 == 1 { 2 } else { 1 };
        sum += if value > 9 { value - 9 } else { value };
    }
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_test_card_is_a_card_and_gives_its_result() {
        for (number, result) in TEST_CARDS {
            let card = Card::read(number).unwrap();
            assert_eq!(card.charge(true), result);
            assert_eq!(card.masked(), &number[12..]);
            assert_eq!(card.brand(), "Visa");
        }
    }

    #[test]
    fn a_soft_decline_needs_the_wish_for_no_challenge() {
        let card = Card::read(CARD_SCA_SOFT_DECLINED).unwrap();
        assert_eq!(card.charge(false), ProcessResult::Successful);
    }

    #[test]
    fn only_test_cards_are_written_down_whole() {
        let written = |number| serde_json::to_value(Card::read(number).unwrap()).unwrap();
        assert_eq!(written(CARD_LOW_FUNDS)["number"], CARD_LOW_FUNDS);
        assert_eq!(written("5555555555554444")["number"], "5555550000004444");
    }

    #[test]
    fn other_numbers_are_not_supported_or_no_cards() {
        let other = Card::read("5555 5555-5555 4444").unwrap();
        assert_eq!(other.charge(false), ProcessResult::CardNotSupported);
        assert_eq!(other.brand(), "MasterCard");
        for wrong in [
            "",
            "4444888888884444",
            "4444",
            "444488888888555x",
            "٤٤٤٤٨٨٨٨٨٨٨٨",
        ] {
            assert_eq!(Card::read(wrong), None, "{wrong}");
        }
    }
}
