//! Requests about the wallet.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::amount::read_amount;
use super::choices;
use super::reader::{Choices, Problems, Reader};
use crate::domain::currency::{CURRENCIES, Currency};
use crate::domain::wallet::order::{Outgoing, Transfer};
use crate::domain::wallet::query::{HistoryQuery, StatementQuery};
use crate::wire::json::Object;

/// The default, and the most.
const PAGE: u32 = 20;

pub(crate) fn read_history(query: &Object) -> Result<HistoryQuery, Vec<String>> {
    let problems = Problems::default();
    let reader = Reader::new(query, &problems);
    // Assumed: a limit below 1 is a fault of the model; above 20 it is documented to mean 20.
    let limit = reader.count("Limit", 1, u32::MAX).unwrap_or(PAGE);
    let wanted = HistoryQuery {
        before: reader.id("LastVisibleItemId"),
        since: reader.moment("LastRequestTime"),
        limit: limit.min(PAGE) as usize,
        currency: known(reader.choice("Currency", choices::CURRENCY)),
    };
    problems.settle(wanted)
}

/// Reads a request that names an item of the history and nothing else.
pub(crate) fn read_item(query: &Object) -> Result<Uuid, Vec<String>> {
    let problems = Problems::default();
    let id = Reader::new(query, &problems).required_id("ItemId");
    problems.settle(id)
}

/// A payout as ordered.
#[derive(Clone, Debug)]
pub(crate) struct Withdrawal {
    pub(crate) money: Outgoing,
    pub(crate) account: BankAccount,
    pub(crate) swift_code: Option<String>,
    pub(crate) recipient: String,
    pub(crate) address: Option<PostalAddress>,
}

/// Where a payout goes. The last three are of v2 only.
#[derive(Clone, Debug)]
pub(crate) struct BankAccount {
    pub(crate) country: String,
    pub(crate) format: &'static str,
    pub(crate) number: String,
    pub(crate) address: Option<String>,
    pub(crate) bank_name: Option<String>,
    pub(crate) bank_address: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct PostalAddress {
    pub(crate) country: String,
    pub(crate) street: String,
    pub(crate) city: String,
    pub(crate) zip: String,
}

/// The country of the wallet; payouts to others are foreign.
const HOME: &str = "HUN";

/// Reads the request of Withdraw-BankTransfer-v3.
pub(crate) fn read_withdrawal(object: &Object) -> Result<Withdrawal, Vec<String>> {
    let problems = Problems::default();
    let reader = Reader::new(object, &problems);
    let money = read_outgoing(reader, 90);
    let account = read_account(reader, choices::ACCOUNT_FORMAT);
    let foreign = account.country != HOME;
    let swift_code = reader
        .object("Bank")
        .and_then(|bank| bank.text("SwiftCode", 8, 11));
    if foreign && account.format == "IBAN" && swift_code.is_none() {
        reader.problem("The SwiftCode field is required.".to_owned());
    }
    let recipient = reader.required_object("Recipient");
    let address = recipient.and_then(|one| one.object("Address"));
    if foreign && recipient.is_some() && address.is_none() {
        reader.problem("The Address field is required.".to_owned());
    }
    let withdrawal = Withdrawal {
        money,
        account,
        swift_code,
        recipient: recipient.map_or_else(String::new, |one| one.required_text("Name", 100)),
        address: address.map(|one| PostalAddress {
            country: country(one),
            // Assumed: as long as in other addresses; nothing is documented.
            street: one.required_text("Street", 50),
            city: one.required_text("City", 50),
            zip: one.required_text("Zip", 16),
        }),
    };
    problems.settle(withdrawal)
}

/// Reads the request of Withdraw-BankTransfer-v2, which is obsolete and still sent.
pub(crate) fn read_withdrawal_v2(object: &Object) -> Result<Withdrawal, Vec<String>> {
    let problems = Problems::default();
    let reader = Reader::new(object, &problems);
    let money = read_outgoing(reader, 90);
    let account = read_account(reader, choices::ACCOUNT_FORMAT_V2);
    let swift_code = reader
        .object("BankAccount")
        .and_then(|account| account.text("SwiftCode", 8, 11));
    let withdrawal = Withdrawal {
        money,
        account,
        swift_code,
        recipient: reader.required_text("RecipientName", 100),
        address: None,
    };
    problems.settle(withdrawal)
}

fn read_outgoing(reader: Reader<'_>, comment: usize) -> Outgoing {
    let currency = known(reader.required_choice("Currency", choices::CURRENCY));
    Outgoing {
        amount: read_amount(reader, "Amount", currency),
        currency: currency.unwrap_or(CURRENCIES[0]),
        comment: reader.text("Comment", 1, comment),
    }
}

fn read_account(reader: Reader<'_>, formats: &Choices) -> BankAccount {
    let account = reader.required_object("BankAccount");
    let text = |name: &str| account.and_then(|one| one.text(name, 1, 60));
    let read = BankAccount {
        country: account.map_or_else(String::new, country),
        format: account
            .and_then(|one| one.required_choice("Format", formats))
            .unwrap_or_default(),
        number: account.map_or_else(String::new, |one| one.required_text("AccountNumber", 34)),
        address: text("Address"),
        bank_name: text("BankName"),
        bank_address: text("BankAddress"),
    };
    if !read.number.is_empty() && !fits_format(&read.number, read.format) {
        reader.problem(format!(
            "The field AccountNumber is not in the format {}.",
            read.format
        ));
    }
    read
}

/// Judges the shape of a number; check digits are not looked at, as tests use invented numbers.
fn fits_format(number: &str, format: &str) -> bool {
    let bytes = number.as_bytes();
    match format {
        "Giro" => {
            let digits = number.bytes().filter(u8::is_ascii_digit).count();
            let others = number.chars().all(|c| c.is_ascii_digit() || c == '-');
            others && matches!(digits, 16 | 24)
        }
        "IBAN" => {
            bytes.len() >= 15
                && bytes[..2].iter().all(u8::is_ascii_alphabetic)
                && bytes[2..4].iter().all(u8::is_ascii_digit)
                && bytes.iter().all(u8::is_ascii_alphanumeric)
        }
        "Czech" => {
            let digit = |c: &char| c.is_ascii_digit();
            number.chars().any(|c| digit(&c))
                && number.chars().all(|c| digit(&c) || matches!(c, '-' | '/'))
        }
        _ => true,
    }
}

/// A country in three letters.
fn country(reader: Reader<'_>) -> String {
    let code = reader.required_text("Country", 3).to_ascii_uppercase();
    let fits = code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase());
    if !code.is_empty() && !fits {
        reader.problem("The field Country must have three letters.".to_owned());
    }
    code
}

/// Reads the request of Transfer-Email-v2.
pub(crate) fn read_transfer(object: &Object) -> Result<Transfer, Vec<String>> {
    let problems = Problems::default();
    let reader = Reader::new(object, &problems);
    let amount = reader.required_object("Amount");
    let currency = amount.and_then(|one| known(one.required_choice("Currency", choices::CURRENCY)));
    let transfer = Transfer {
        account: reader.required_id("SourceAccountId"),
        money: Outgoing {
            amount: amount.map_or(Decimal::ZERO, |one| read_amount(one, "Value", currency)),
            currency: currency.unwrap_or(CURRENCIES[0]),
            comment: reader.text("Comment", 1, 1000),
        },
        email: reader.required_email("TargetEmail"),
    };
    problems.settle(transfer)
}

pub(crate) fn read_statement(query: &Object) -> Result<StatementQuery, Vec<String>> {
    let problems = Problems::default();
    let reader = Reader::new(query, &problems);
    let year = reader.required_decimal("Year");
    if year.is_some_and(|year| !year.fract().is_zero()) {
        reader.problem("The field Year must be a whole number.".to_owned());
    }
    // A year that is none has no statement; that is not a fault of the model, as a client's tests
    // show.
    let year = year
        .and_then(|year| i32::try_from(year).ok())
        .filter(|year| (1..=9999).contains(year));
    if reader.is_missing("Month") {
        reader.problem("The Month field is required.".to_owned());
    }
    let month = reader.count("Month", 1, 12).unwrap_or(1);
    let day = reader.count("Day", 1, 31);
    let first = year.and_then(|year| NaiveDate::from_ymd_opt(year, month, day.unwrap_or(1)));
    if year.is_some() && first.is_none() {
        reader.problem("The month has no such Day.".to_owned());
    }
    let currency = known(reader.required_choice("Currency", choices::CURRENCY));
    problems.settle(StatementQuery {
        first,
        daily: day.is_some(),
        currency: currency.unwrap_or(CURRENCIES[0]),
    })
}

fn known(code: Option<&str>) -> Option<Currency> {
    CURRENCIES.into_iter().find(|one| Some(one.code) == code)
}
