//! Words of Barion's texts that may be shown.

use barion_generated::limits::MODELS;

/// Stands for what is not shown.
pub(crate) const HIDDEN: &str = "(hidden)";

/// Words of Barion's known descriptions and of ordinary technical English, in lower case and
/// sorted. Words that are anybody's name in lower case too don't belong here.
#[rustfmt::skip]
const PLAIN: &[&str] = &[
    "a", "about", "above", "absolute", "accept", "accepted", "accepts", "access", "account",
    "accounts", "act", "action", "activated", "activation", "active", "add", "address", "after",
    "again", "all", "allow", "allowed", "already", "also", "amount", "amounts", "an", "and",
    "another", "any", "api", "applies", "approval", "approve", "approved", "are", "argument",
    "array", "as", "at", "attempt", "authenticate", "authentication", "authorisation",
    "authorised", "authorization", "authorized", "available", "back", "bad", "balance", "bank",
    "be", "because", "been", "before", "began", "being", "belong", "belongs", "below", "between",
    "blocked", "body", "both", "but", "by", "call", "called", "calls", "can", "cancel",
    "canceled", "cancelled", "cannot", "capture", "captured", "card", "cards", "carried",
    "carries", "change", "changed", "character", "characters", "charge", "charged", "check",
    "clock", "closed", "code", "codes", "come", "comes", "complete", "completed", "configuration",
    "confirmed", "connection", "contains", "contract", "correct", "could", "create", "created",
    "credentials", "currencies", "currency", "customer", "data", "date", "days", "declined",
    "default", "deleted", "denied", "description", "destination", "details", "different",
    "digits", "disabled", "do", "documented", "does", "done", "draft", "due", "duplicate",
    "during", "each", "earlier", "element", "empty", "enabled", "enough", "entries", "entry",
    "environment", "error", "errors", "every", "exceeded", "exceeds", "exist", "existing",
    "exists", "expected", "expired", "expiry", "failed", "failure", "false", "feature", "fee",
    "fees", "field", "fields", "finish", "finished", "first", "for", "forbidden", "form",
    "format", "found", "from", "full", "fully", "funding", "funds", "general", "get", "given",
    "goes", "greater", "has", "have", "header", "held", "here", "higher", "hold", "holds", "id",
    "identifier", "if", "in", "inactive", "incorrect", "information", "initiated", "inner",
    "input", "insufficient", "integer", "internal", "invalid", "is", "issuer", "it", "item",
    "items", "its", "key", "keys", "known", "larger", "last", "later", "least", "left", "length",
    "less", "letters", "limit", "limited", "limits", "list", "little", "login", "longer", "lower",
    "made", "maintenance", "make", "makes", "many", "matches", "maximum", "may", "merchant", "message",
    "method", "minimum", "missing", "model", "money", "month", "more", "most", "much", "must",
    "name", "needed", "needs", "negative", "new", "no", "none", "not", "nothing", "null",
    "number", "numbers", "object", "occurred", "of", "off", "on", "once", "one", "online", "only",
    "open", "opens", "operation", "or", "order", "original", "other", "out", "outgoing",
    "outside", "owner", "parameter", "parameters", "part", "partner", "parts", "pass", "passes",
    "password", "path", "pay", "payee", "payer", "paying", "payment", "payments", "pending",
    "permission", "permitted", "please", "possible", "prepared", "present", "problem", "process",
    "processed", "processing", "processor", "product", "production", "profile", "properties",
    "property", "provided", "public", "purchase", "quantity", "reached", "read", "received",
    "recipient", "recurrence", "recurring", "redirect", "refund", "refundable", "refunded",
    "refunding", "refused", "register", "registered", "registering", "registration", "rejected",
    "released", "remaining", "request", "requested", "requests", "required", "reservation",
    "reserved", "resource", "response", "result", "retry", "returned", "route", "same", "sandbox",
    "second", "seconds", "secret", "secure", "see", "send", "sending", "sent", "server",
    "service", "session", "set", "shop", "should", "since", "size", "smaller", "so", "some",
    "something", "source", "state", "statement", "status", "still", "string", "succeeded",
    "successful", "successfully", "such", "sum", "support", "supported", "supports", "suspended",
    "system", "take", "taken", "temporarily", "test", "text", "than", "that", "the", "them",
    "then", "there", "these", "they", "this", "those", "through", "time", "timeout", "times",
    "to", "together", "token", "tokens", "too", "total", "transaction", "transactions",
    "transfer", "transferred", "tried", "true", "try", "two", "type", "types", "unable",
    "unauthorized", "under", "unexpected", "unique", "unit", "unknown", "unsupported", "until",
    "up", "use", "used", "user", "users", "using", "valid", "validation", "value", "values",
    "version", "waiting", "wallet", "wallets", "was", "way", "were", "what", "when", "where",
    "whether", "which", "who", "whole", "whose", "why", "with", "within", "without", "words",
    "would", "wrong", "year", "yet", "you", "your", "zero",
];

/// Words that Barion uses in exactly this spelling, beside the names of properties; sorted.
#[rustfmt::skip]
const BARIONS: &[&str] = &[
    "API", "Authorized", "Balance", "BankCard", "BankTransfer", "Barion", "CZK", "Canceled",
    "DELETE", "DelayedCapture", "EUR", "Errors", "Expired", "Failed", "GET", "GUID", "GatewayUrl",
    "HTML", "HTTP", "HTTPS", "HUF", "ID", "Immediate", "InProgress", "IsSuccessful", "JSON",
    "PLN", "POSKey", "POST", "PUT", "PartiallySucceeded", "PaymentStatus", "Prepared", "RON",
    "RecurringPayment", "RefundedTransactions", "RelatedId", "Reservation", "Reserved", "Started",
    "Status", "Succeeded", "TransactionTime", "TransactionType", "URI", "URL", "USD", "Waiting",
    "XML", "e-mail", "http", "https",
];

/// Documented error codes of Barion, sorted.
#[rustfmt::skip]
const CODES: &[&str] = &[
    "AmountToRefundIsGreaterThanTransactionAmount", "ApplePayNotAllowed", "AuthenticationFailed",
    "CardError", "CardExpired", "InsufficientFunds", "InternalServerError", "InvalidAccount",
    "InvalidApplePayMessage", "InvalidApplePayToken", "InvalidCardKey", "InvalidCardPin",
    "InvalidCharacter", "InvalidCurrency", "InvalidRecurrenceId", "InvalidShop", "InvalidShopUrl",
    "InvalidTransactionType", "InvalidUser", "MinimumWithdrawAmountNotReached",
    "ModelValidationError", "MultipleStornoNotAllowed", "NewPinEqualsToCurrent",
    "NoIdentifiedPartnerFound", "NotExistingPaymentId", "NotExistingTransactionId",
    "NotRegisteredToApple", "OriginalPaymentWasntSuccessful", "PaymentStatusNotValid",
    "PinChangeFailed", "PingFailed", "RecurringPaymentDenied", "RecurringPaymentNotAllowed",
    "ShopIsClosed", "ShopIsInDraftState", "SourceAccountNotAllowedForPartner",
    "StatementNotFound", "StornoTopupFailed", "SuspendedUserTriedToRefund",
    "TheSourceAndDestinationAccountsAreMatched", "ThreeDsNotEnabled", "TooLowBalanceToMakeRefund",
    "TooManyRequests", "TopUpFailed", "TransactionDoesNotBelongToPayment",
    "UnableToCreateApplePaySession", "UserCantMakeOutgoingTransaction", "UserCantReceiveEMoney",
];

/// Length of the longest error code.
const LONGEST_CODE: usize = 64;

/// Whether it is a known code, or made of known words that begin with a capital letter each.
/// Letters alone are no proof: a name and a piece of a key have nothing else either.
pub(super) fn is_code(given: &str) -> bool {
    if given.is_empty() || CODES.iter().any(|code| code.eq_ignore_ascii_case(given)) {
        return true;
    }
    let begins = given.starts_with(|first: char| first.is_ascii_uppercase());
    let mut words = Vec::new();
    let mut rest = given;
    while let Some(first) = rest.get(..1) {
        let length = rest[1..].find(|c: char| c.is_ascii_uppercase());
        let (word, after) = rest.split_at(length.map_or(rest.len(), |length| length + 1));
        words.push(format!("{}{}", first.to_ascii_lowercase(), &word[1..]));
        rest = after;
    }
    let known = |word: &String| word.len() > 1 && PLAIN.binary_search(&word.as_str()).is_ok();
    begins && given.is_ascii() && given.len() <= LONGEST_CODE && words.iter().all(known)
}

/// Plain words that are people's names when they begin with a capital letter, even at the beginning
/// of a sentence.
const NAMES_TOO: &[&str] = &["fields", "little", "may", "way"];

/// Whether it is a plain word in lower case, or with a capital letter at the beginning of a
/// sentence.
pub(super) fn is_plain(word: &str, begins_sentence: bool) -> bool {
    if PLAIN.binary_search(&word).is_ok() {
        return true;
    }
    let mut letters = word.chars();
    let (Some(first), rest) = (letters.next(), letters.as_str()) else {
        return false;
    };
    let small = format!("{}{rest}", first.to_ascii_lowercase());
    // Titles write every word with a capital letter: those of two kinds are known.
    let may_be_capital = begins_sentence || matches!(word, "Validation" | "Error");
    may_be_capital
        && PLAIN.binary_search(&small.as_str()).is_ok()
        && !NAMES_TOO.contains(&small.as_str())
}

/// Whether it is a word of Barion, the name of a property, or the path of one:
/// `Transactions[0].Items[2].Name`.
pub(super) fn is_barions(word: &str) -> bool {
    BARIONS.binary_search(&word).is_ok()
        || word.split('.').all(|part| is_property(without_index(part)))
}

/// `Items[2]` without its index. An index has one or two digits.
fn without_index(part: &str) -> &str {
    let index = part
        .strip_suffix(']')
        .and_then(|part| part.rsplit_once('['));
    match index {
        Some((name, index))
            if (1..=2).contains(&index.len())
                && index.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            name
        }
        _ => part,
    }
}

fn is_property(name: &str) -> bool {
    let mut properties = MODELS.iter().flat_map(|model| model.properties);
    properties.any(|property| property.name == name)
}

#[cfg(test)]
mod tests {
    use super::{BARIONS, CODES, NAMES_TOO, PLAIN, is_barions, is_plain};

    #[test]
    fn the_lists_can_be_searched() {
        assert!(PLAIN.is_sorted() && BARIONS.is_sorted() && CODES.is_sorted());
        for word in PLAIN {
            assert!(word.bytes().all(|byte| byte.is_ascii_lowercase()), "{word}");
        }
        assert!(NAMES_TOO.iter().all(|name| PLAIN.contains(name)));
    }

    /// Given names and family names that are words as well.
    #[test]
    fn nobody_is_on_them() {
        for name in [
            "will", "mark", "bill", "grant", "rich", "price", "rose", "grace", "hope", "joy",
            "art", "pat", "frank", "grey", "king", "cook", "page", "bond", "long", "short",
            "small", "young", "best", "day", "west", "near", "right", "street", "city", "june",
            "april", "august", "sue", "drew", "max", "faith", "dean", "word",
        ] {
            assert!(!is_plain(name, true), "{name}");
        }
        assert!(is_plain("may", true) && !is_plain("May", true) && !is_plain("Little", true));
    }

    #[test]
    fn paths_are_known_by_their_names() {
        for path in [
            "Total",
            "Transactions[0].Items[12].Name",
            "BillingAddress.City",
        ] {
            assert!(is_barions(path), "{path}");
        }
        for other in [
            "",
            ".",
            "total",
            "Total[4444]",
            "Items[4444888888885559]",
            "Total.Jane",
            "Total[0][1]",
        ] {
            assert!(!is_barions(other), "{other}");
        }
    }
}
