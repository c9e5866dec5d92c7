//! Answers about the wallet.

use serde::Serialize;
use uuid::Uuid;

use super::no_errors::NoErrors;
use super::state::Line;
use crate::domain::payment::{Payment, Role};
use crate::domain::person::Person;
use crate::domain::wallet::account::Account;
use crate::domain::wallet::item::{BalanceChange, HistoryItem, ItemKind, Participant, Side};
use crate::values::amount::Amount;
use crate::values::id::format_id;
use crate::values::time;
use crate::wire::request::wallet::{BankAccount, Withdrawal};

/// The answer of Accounts.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Accounts<'a> {
    accounts: Vec<OneAccount<'a>>,
    errors: NoErrors,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct OneAccount<'a> {
    account_id: String,
    balance: Balance,
    currency: &'static str,
    account_info: AccountInfo<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Balance {
    available: Amount,
    blocked: Amount,
}

/// How to top the account up. Nobody can: the numbers are invented.
#[derive(Serialize)]
struct AccountInfo<'a> {
    #[serde(rename = "BBANCountry")]
    bban_country: Option<&'static str>,
    #[serde(rename = "BBAN")]
    bban: Option<&'static str>,
    #[serde(rename = "IBAN")]
    iban: &'static str,
    #[serde(rename = "Reference")]
    reference: String,
    #[serde(rename = "SwiftCode")]
    swift_code: &'static str,
    #[serde(rename = "Beneficiary")]
    beneficiary: Beneficiary<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Beneficiary<'a> {
    name: Option<&'a str>,
    country: &'static str,
    city: &'static str,
    zip: &'static str,
    street: &'static str,
}

impl<'a> Accounts<'a> {
    pub(crate) fn of(accounts: &[Account], owner: &'a Person) -> Self {
        let accounts = accounts.iter();
        Self {
            accounts: accounts.map(|one| account(one, owner)).collect(),
            errors: [],
        }
    }
}

fn account<'a>(one: &Account, owner: &'a Person) -> OneAccount<'a> {
    // Domestic numbers are for HUF and CZK only.
    let (country, number) = match one.currency.code {
        "HUF" => (Some("HUN"), Some("00000000-00000000")),
        "CZK" => (Some("CZE"), Some("000000-0000000000/0000")),
        _ => (None, None),
    };
    OneAccount {
        account_id: format_id(one.id),
        balance: Balance {
            available: Amount(one.available),
            blocked: Amount(one.blocked),
        },
        currency: one.currency.code,
        account_info: AccountInfo {
            bban_country: country,
            bban: number,
            iban: "HU00000000000000000000000000",
            reference: format!("SANDBOX-{}", one.currency.code),
            swift_code: "SANDHUHB",
            beneficiary: Beneficiary {
                name: owner.organization.as_deref(),
                country: "HUN",
                city: "Budapest",
                zip: "1000",
                street: "Sandbox street 1",
            },
        },
    }
}

/// The answer of `GetHistory`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct History<'a> {
    user_history: Vec<Entry<'a>>,
    errors: NoErrors,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<'a> {
    id: String,
    r#type: ItemKind,
    happened_at_utc: String,
    concurrency_order: u32,
    source_account: Party<'a>,
    target_account: Party<'a>,
    amount: Amount,
    currency: &'static str,
    description: Option<&'a str>,
    is_in_progress: bool,
    balance_change_type: BalanceChange,
}

impl<'a> History<'a> {
    pub(crate) fn of(items: &'a [HistoryItem]) -> Self {
        Self {
            user_history: items.iter().map(Entry::of).collect(),
            errors: [],
        }
    }
}

impl<'a> Entry<'a> {
    fn of(item: &'a HistoryItem) -> Self {
        Self {
            id: format_id(item.id),
            r#type: item.kind,
            happened_at_utc: time::zoned(item.at),
            concurrency_order: item.order,
            source_account: Party::of(&item.source),
            target_account: Party::of(&item.target),
            amount: Amount(item.amount),
            currency: item.currency.code,
            description: item.description.as_deref(),
            is_in_progress: item.in_progress,
            balance_change_type: item.change(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Party<'a> {
    user_account_id: Option<String>,
    r#type: Side,
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    login_name: Option<&'a str>,
    organization_name: Option<&'a str>,
    shop_id: Option<String>,
    shop_name: Option<&'a str>,
}

impl<'a> Party<'a> {
    fn of(one: &'a Participant) -> Self {
        Self {
            user_account_id: one.account.map(format_id),
            r#type: one.side,
            first_name: None,
            last_name: None,
            login_name: one.person.email.as_deref(),
            organization_name: one.person.organization.as_deref(),
            shop_id: one.shop.as_ref().map(|(id, _)| format_id(*id)),
            shop_name: one.shop.as_ref().map(|(_, name)| name.as_str()),
        }
    }
}

/// The answer of `GetDetail`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Detail<'a> {
    detail_information: Information<'a>,
    errors: NoErrors,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Information<'a> {
    history_id: String,
    history_type: ItemKind,
    happened_at_utc: String,
    source_account: Party<'a>,
    target_account: Party<'a>,
    amount: Amount,
    currency: &'static str,
    description: Option<&'a str>,
    is_in_progress: bool,
    /// For payments only, as are the items.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purchased_items: Option<Vec<Line<'a>>>,
    /// For refunds only.
    #[serde(skip_serializing_if = "Option::is_none")]
    original_payment_id: Option<String>,
}

impl<'a> Detail<'a> {
    /// `payment` is the one that the item belongs to.
    pub(crate) fn of(item: &'a HistoryItem, payment: Option<&'a Payment>) -> Self {
        let bought = matches!(
            item.kind,
            ItemKind::CardPayment | ItemKind::ElectronicPayment | ItemKind::BankTransferPayment
        );
        Self {
            detail_information: Information {
                history_id: format_id(item.id),
                history_type: item.kind,
                happened_at_utc: time::zoned(item.at),
                source_account: Party::of(&item.source),
                target_account: Party::of(&item.target),
                amount: Amount(item.amount),
                currency: item.currency.code,
                description: item.description.as_deref(),
                is_in_progress: item.in_progress,
                payment_id: item.payment.map(format_id),
                // Assumed: the lines as in states; the shape is not documented.
                purchased_items: payment.filter(|_| bought).map(lines),
                original_payment_id: item.original.map(format_id),
            },
            errors: [],
        }
    }
}

fn lines(payment: &Payment) -> Vec<Line<'_>> {
    payment
        .transactions
        .iter()
        .filter(|one| one.role == Role::Main)
        .flat_map(|one| one.items.iter().map(Line::of))
        .collect()
}

/// The answer of Withdraw-BankTransfer-v3.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PaidOut<'a> {
    transaction_id: String,
    currency: &'static str,
    amount: Amount,
    comment: Option<&'a str>,
    bank_account: BankAccountEcho<'a>,
    bank: Option<BankEcho<'a>>,
    recipient: RecipientEcho<'a>,
    errors: NoErrors,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct BankAccountEcho<'a> {
    country: &'a str,
    format: &'static str,
    account_number: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct BankEcho<'a> {
    swift_code: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RecipientEcho<'a> {
    name: &'a str,
    address: Option<AddressEcho<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AddressEcho<'a> {
    country: &'a str,
    street: &'a str,
    city: &'a str,
    zip: &'a str,
}

impl<'a> PaidOut<'a> {
    pub(crate) fn of(id: Uuid, order: &'a Withdrawal) -> Self {
        Self {
            transaction_id: format_id(id),
            currency: order.money.currency.code,
            amount: Amount(order.money.amount),
            comment: order.money.comment.as_deref(),
            bank_account: BankAccountEcho::of(&order.account),
            bank: order
                .swift_code
                .as_deref()
                .map(|swift_code| BankEcho { swift_code }),
            recipient: RecipientEcho {
                name: &order.recipient,
                address: order.address.as_ref().map(|one| AddressEcho {
                    country: &one.country,
                    street: &one.street,
                    city: &one.city,
                    zip: &one.zip,
                }),
            },
            errors: [],
        }
    }
}

impl<'a> BankAccountEcho<'a> {
    fn of(account: &'a BankAccount) -> Self {
        Self {
            country: &account.country,
            format: account.format,
            account_number: &account.number,
        }
    }
}

/// The answer of Withdraw-BankTransfer-v2.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PaidOutV2<'a> {
    transaction_id: String,
    currency: &'static str,
    amount: Amount,
    recipient_name: &'a str,
    comment: Option<&'a str>,
    bank_account: WholeAccount<'a>,
    errors: NoErrors,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct WholeAccount<'a> {
    #[serde(flatten)]
    account: BankAccountEcho<'a>,
    address: Option<&'a str>,
    bank_name: Option<&'a str>,
    bank_address: Option<&'a str>,
    swift_code: Option<&'a str>,
}

impl<'a> PaidOutV2<'a> {
    pub(crate) fn of(id: Uuid, order: &'a Withdrawal) -> Self {
        Self {
            transaction_id: format_id(id),
            currency: order.money.currency.code,
            amount: Amount(order.money.amount),
            recipient_name: &order.recipient,
            comment: order.money.comment.as_deref(),
            bank_account: WholeAccount {
                account: BankAccountEcho::of(&order.account),
                address: order.account.address.as_deref(),
                bank_name: order.account.bank_name.as_deref(),
                bank_address: order.account.bank_address.as_deref(),
                swift_code: order.swift_code.as_deref(),
            },
            errors: [],
        }
    }
}

/// The answer of Transfer-Email-v2.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Transferred {
    is_transfer_successful: bool,
    errors: NoErrors,
}

impl Transferred {
    pub(crate) fn new(successful: bool) -> Self {
        Self {
            is_transfer_successful: successful,
            errors: [],
        }
    }
}
