//! Fees of Barion.

use chrono::{DateTime, Utc};
use rust_decimal::{Decimal, RoundingStrategy};

use super::kinds::{PaymentMethod, TransactionStatus, TransactionType};
use super::model::Payment;
use super::transaction::{Role, Transaction};
use crate::domain::currency::Currency;
use crate::domain::ids::new_id;
use crate::domain::person::Person;

/// 1.49 %, the rate seen in Barion's sandbox; the real one is part of each shop's contract.
const RATE: Decimal = Decimal::from_parts(149, 0, 0, false, 4);

/// The fee of an amount, rounded half up to the currency's digits.
pub(crate) fn fee(amount: Decimal, currency: Currency) -> Decimal {
    // Amounts are bounded where they are read, far below what could overflow here.
    amount
        .checked_mul(RATE)
        .unwrap_or_default()
        .round_dp_with_strategy(currency.digits, RoundingStrategy::MidpointAwayFromZero)
}

impl Payment {
    /// Adds the fee of an amount.
    ///
    /// Its status stays `Reserved` for good, as recorded in 2019; a recorded immediate payment of
    /// the same year shows `Succeeded`, so shops must not rely on either.
    pub(super) fn add_fee(&mut self, amount: Decimal, now: DateTime<Utc>) {
        self.transactions.push(Transaction {
            id: new_id(),
            role: Role::Fee,
            pos_id: None,
            time: now,
            total: fee(amount, self.currency),
            settled: None,
            refunded: Decimal::ZERO,
            captured_at: None,
            payer: Some(self.shop_owner.clone()),
            payee: Person::barion(),
            comment: None,
            status: TransactionStatus::Reserved,
            kind: if self.method == PaymentMethod::OpenBanking {
                TransactionType::BankTransferPaymentFee
            } else {
                TransactionType::GatewayFee
            },
            items: Vec::new(),
            related: None,
        });
    }

    /// Assumed: the fee blocked for a reservation that nobody paid is given back; the status it
    /// gets then is not documented.
    pub(super) fn release_fees(&mut self) {
        for one in &mut self.transactions {
            if one.role == Role::Fee {
                one.status = TransactionStatus::Storno;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::currency::CURRENCIES;

    #[test]
    fn fees_are_rounded_half_up() {
        let [huf, eur, ..] = CURRENCIES;
        for (amount, currency, expected) in [
            ("1000", huf, "15"),
            ("3890", huf, "58"),
            ("10", huf, "0"),
            ("16777217", huf, "249981"),
            ("120.5", eur, "1.80"),
            ("50", eur, "0.75"),
            ("0", eur, "0.00"),
        ] {
            assert_eq!(
                fee(amount.parse().unwrap(), currency),
                expected.parse().unwrap(),
                "{amount}"
            );
        }
    }
}
