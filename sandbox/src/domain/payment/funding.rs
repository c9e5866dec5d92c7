//! Funding: the ways to pay that a payment allows, and the smallest amounts of each.

use rust_decimal::Decimal;

use super::kinds::PaymentType;
use super::model::Payment;
use super::refusal::Refusal;
use crate::domain::currency::Currency;

/// The documented smallest payments: of a card and of a bank transfer, in hundredths. None are
/// known of other currencies.
const SMALLEST: [(&str, i64, Option<i64>); 4] = [
    ("HUF", 1_000, None),
    ("EUR", 10, Some(100)),
    ("USD", 10, None),
    ("CZK", 100, Some(1_000)),
];

/// A card payment of this much is too small, by the narrower reading of the documentation: one part
/// of it calls this the smallest amount, another one demands more than that.
pub(crate) fn too_small_for_cards(currency: Currency) -> Option<Decimal> {
    let mut all = SMALLEST.iter();
    all.find(|(code, ..)| *code == currency.code)
        .map(|(_, card, _)| Decimal::new(*card, 2))
}

impl Payment {
    /// Whether a bank transfer can be chosen at all.
    pub(crate) fn takes_bank_transfers(&self) -> bool {
        self.kind == PaymentType::Immediate && matches!(self.currency.code, "CZK" | "EUR")
    }

    /// Whether the shop asked for bank transfers; `All` leaves them out.
    pub(crate) fn asks_for_bank_transfers(&self) -> bool {
        self.is_asked_for(&["BankTransfer"])
    }

    /// Whether a payer can pay from a wallet; a shop cannot exclude that.
    pub(crate) fn takes_wallets(&self) -> bool {
        self.kind != PaymentType::DelayedCapture
    }

    /// Whether one of these is among the `FundingSources`.
    fn is_asked_for(&self, sources: &[&str]) -> bool {
        let is = |given: &String| sources.iter().any(|one| given.eq_ignore_ascii_case(one));
        self.funding_sources.iter().any(is)
    }

    /// Only in a strict sandbox: a card has to be among the `FundingSources`.
    pub(crate) fn require_cards(&self) -> Result<(), Vec<Refusal>> {
        if self.is_asked_for(&["All", "BankCard", "Card"]) {
            return Ok(());
        }
        let text = "the FundingSources of the payment leave cards out";
        Err(vec![Refusal::Model(text.to_owned())])
    }

    /// Only in a strict sandbox: a bank transfer has to be among the `FundingSources`, and be large
    /// enough.
    pub(crate) fn require_bank_transfers(&self) -> Result<(), Vec<Refusal>> {
        let refused = |text: String| Err(vec![Refusal::Model(text)]);
        if !self.asks_for_bank_transfers() {
            return refused(
                "the FundingSources of the payment leave bank transfers out".to_owned(),
            );
        }
        let mut all = SMALLEST.iter();
        let smallest = all.find(|(code, ..)| *code == self.currency.code);
        let smallest = smallest.and_then(|(_, _, transfer)| *transfer);
        let smallest = Decimal::new(smallest.unwrap_or_default(), 2);
        if self.total() < smallest {
            return refused(format!(
                "a bank transfer is for {} {smallest} at least",
                self.currency.code
            ));
        }
        Ok(())
    }
}
