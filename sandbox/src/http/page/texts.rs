//! Texts of the gateway page, in its languages.

/// The texts of one language. In braces: what is filled in.
pub(super) struct Texts {
    /// For the page's `lang` attribute.
    pub(super) lang: &'static str,
    pub(super) payment: &'static str,
    pub(super) to: &'static str,
    pub(super) order: &'static str,
    pub(super) items: &'static str,
    pub(super) item: &'static str,
    pub(super) quantity: &'static str,
    pub(super) total: &'static str,
    pub(super) card: &'static str,
    pub(super) card_number: &'static str,
    pub(super) pay: &'static str,
    pub(super) test_cards: &'static str,
    pub(super) succeeds: &'static str,
    pub(super) asks: &'static str,
    pub(super) declined: &'static str,
    pub(super) soft_declined: &'static str,
    pub(super) other_means: &'static str,
    pub(super) wallet: &'static str,
    pub(super) transfer: &'static str,
    pub(super) waits: &'static str,
    pub(super) fails: &'static str,
    pub(super) cancel: &'static str,
    pub(super) was_declined: &'static str,
    pub(super) not_authenticated: &'static str,
    pub(super) no_card: &'static str,
    pub(super) challenge: &'static str,
    pub(super) question: &'static str,
    pub(super) approve: &'static str,
    pub(super) fail: &'static str,
    pub(super) closed: &'static str,
    pub(super) back: &'static str,
    pub(super) close: &'static str,
    pub(super) note: &'static str,
}

/// The texts for a payment's locale; English where there are none.
pub(super) fn of(locale: &str) -> &'static Texts {
    [&HUNGARIAN, &CZECH, &SLOVAK, &GERMAN]
        .into_iter()
        .find(|texts| texts.lang == locale)
        .unwrap_or(&ENGLISH)
}

pub(super) const ENGLISH: Texts = Texts {
    lang: "en-US",
    payment: "Payment",
    to: "To",
    order: "Order",
    items: "Items",
    item: "Item",
    quantity: "Quantity",
    total: "Total",
    card: "Bank card",
    card_number: "Card number",
    pay: "Pay {amount}",
    test_cards: "Test cards",
    succeeds: "succeeds",
    asks: "asks for approval (3-D Secure)",
    declined: "is declined ({why})",
    soft_declined: "is declined only if the shop wanted no approval ({why})",
    other_means: "Other ways to pay",
    wallet: "From a Barion wallet",
    transfer: "Bank transfer",
    waits: "waits for the bank",
    fails: "fails",
    cancel: "Cancel the payment",
    was_declined: "The card ending in {card} was declined ({why}). Nothing was charged. You can \
                   try another card.",
    not_authenticated: "The payment with the card ending in {card} was not approved ({why}). \
                        Nothing was charged. You can try again.",
    no_card: "That is not a card number. Nothing was charged.",
    challenge: "Approve the payment",
    question: "In the place of your bank: do you want to pay {amount} to {shop} with the card \
               ending in {card}?",
    approve: "Approve",
    fail: "Fail the approval",
    closed: "This payment is no longer open. Its status is",
    back: "Back to {shop}",
    close: "You can close this page.",
    note: "This is a local sandbox. No money moves.",
};

const HUNGARIAN: Texts = Texts {
    lang: "hu-HU",
    payment: "Fizetés",
    to: "Kedvezményezett",
    order: "Rendelés",
    items: "Tételek",
    item: "Tétel",
    quantity: "Mennyiség",
    total: "Összesen",
    card: "Bankkártya",
    card_number: "Kártyaszám",
    pay: "{amount} fizetése",
    test_cards: "Tesztkártyák",
    succeeds: "sikeres",
    asks: "jóváhagyást kér (3-D Secure)",
    declined: "elutasítva ({why})",
    soft_declined: "csak akkor elutasítva, ha a bolt nem kért jóváhagyást ({why})",
    other_means: "Egyéb fizetési módok",
    wallet: "Barion tárcából",
    transfer: "Banki átutalás",
    waits: "a bankra vár",
    fails: "sikertelen",
    cancel: "Fizetés megszakítása",
    was_declined: "A(z) {card} végű kártyát elutasították ({why}). Nem történt terhelés. \
                   Próbálkozhat másik kártyával.",
    not_authenticated: "A(z) {card} végű kártyával a fizetést nem hagyták jóvá ({why}). Nem \
                        történt terhelés. Próbálja újra.",
    no_card: "Ez nem kártyaszám. Nem történt terhelés.",
    challenge: "A fizetés jóváhagyása",
    question: "A bank helyett kérdezzük: kifizeti a(z) {card} végű kártyával ezt az összeget: \
               {amount}? Kedvezményezett: {shop}.",
    approve: "Jóváhagyom",
    fail: "Sikertelen jóváhagyás",
    closed: "Ez a fizetés már nem nyitott. Állapota:",
    back: "Vissza ide: {shop}",
    close: "Bezárhatja ezt az oldalt.",
    note: "Ez egy helyi tesztkörnyezet. Valódi pénz nem mozog.",
};

const CZECH: Texts = Texts {
    lang: "cs-CZ",
    payment: "Platba",
    to: "Příjemce",
    order: "Objednávka",
    items: "Položky",
    item: "Položka",
    quantity: "Množství",
    total: "Celkem",
    card: "Platební karta",
    card_number: "Číslo karty",
    pay: "Zaplatit {amount}",
    test_cards: "Testovací karty",
    succeeds: "platba projde",
    asks: "vyžádá si potvrzení (3-D Secure)",
    declined: "zamítnuta ({why})",
    soft_declined: "zamítnuta, jen pokud si obchod nepřál potvrzení ({why})",
    other_means: "Jiné způsoby platby",
    wallet: "Z peněženky Barion",
    transfer: "Bankovní převod",
    waits: "čeká na banku",
    fails: "platba neprojde",
    cancel: "Zrušit platbu",
    was_declined: "Karta končící na {card} byla zamítnuta ({why}). Nic nebylo strženo. Můžete \
                   zkusit jinou kartu.",
    not_authenticated: "Platba kartou končící na {card} nebyla potvrzena ({why}). Nic nebylo \
                        strženo. Můžete to zkusit znovu.",
    no_card: "Toto není číslo karty. Nic nebylo strženo.",
    challenge: "Potvrzení platby",
    question: "Místo vaší banky: chcete zaplatit {amount} kartou končící na {card}? Příjemce: \
               {shop}.",
    approve: "Potvrdit",
    fail: "Nepotvrdit",
    closed: "Tato platba již není otevřená. Její stav je",
    back: "Zpět do obchodu {shop}",
    close: "Tuto stránku můžete zavřít.",
    note: "Toto je místní testovací prostředí. Žádné peníze se nepřevádějí.",
};

const SLOVAK: Texts = Texts {
    lang: "sk-SK",
    payment: "Platba",
    to: "Príjemca",
    order: "Objednávka",
    items: "Položky",
    item: "Položka",
    quantity: "Množstvo",
    total: "Spolu",
    card: "Platobná karta",
    card_number: "Číslo karty",
    pay: "Zaplatiť {amount}",
    test_cards: "Testovacie karty",
    succeeds: "platba prejde",
    asks: "vyžiada si potvrdenie (3-D Secure)",
    declined: "zamietnutá ({why})",
    soft_declined: "zamietnutá, len ak si obchod neželal potvrdenie ({why})",
    other_means: "Iné spôsoby platby",
    wallet: "Z peňaženky Barion",
    transfer: "Bankový prevod",
    waits: "čaká na banku",
    fails: "platba neprejde",
    cancel: "Zrušiť platbu",
    was_declined: "Karta končiaca na {card} bola zamietnutá ({why}). Nič nebolo stiahnuté. Môžete \
                   skúsiť inú kartu.",
    not_authenticated: "Platba kartou končiacou na {card} nebola potvrdená ({why}). Nič nebolo \
                        stiahnuté. Môžete to skúsiť znova.",
    no_card: "Toto nie je číslo karty. Nič nebolo stiahnuté.",
    challenge: "Potvrdenie platby",
    question: "Namiesto vašej banky: chcete zaplatiť {amount} kartou končiacou na {card}? \
               Príjemca: {shop}.",
    approve: "Potvrdiť",
    fail: "Nepotvrdiť",
    closed: "Táto platba už nie je otvorená. Jej stav je",
    back: "Späť do obchodu {shop}",
    close: "Túto stránku môžete zavrieť.",
    note: "Toto je miestne testovacie prostredie. Žiadne peniaze sa neprevádzajú.",
};

const GERMAN: Texts = Texts {
    lang: "de-DE",
    payment: "Zahlung",
    to: "Empfänger",
    order: "Bestellung",
    items: "Artikel",
    item: "Artikel",
    quantity: "Menge",
    total: "Summe",
    card: "Bankkarte",
    card_number: "Kartennummer",
    pay: "{amount} bezahlen",
    test_cards: "Testkarten",
    succeeds: "gelingt",
    asks: "verlangt eine Freigabe (3-D Secure)",
    declined: "wird abgelehnt ({why})",
    soft_declined: "wird nur abgelehnt, wenn der Shop keine Freigabe wollte ({why})",
    other_means: "Andere Zahlungsarten",
    wallet: "Aus einer Barion-Wallet",
    transfer: "Banküberweisung",
    waits: "wartet auf die Bank",
    fails: "scheitert",
    cancel: "Zahlung abbrechen",
    was_declined: "Die Karte mit der Endung {card} wurde abgelehnt ({why}). Es wurde nichts \
                   abgebucht. Sie können eine andere Karte versuchen.",
    not_authenticated: "Die Zahlung mit der Karte mit der Endung {card} wurde nicht freigegeben \
                        ({why}). Es wurde nichts abgebucht. Sie können es noch einmal versuchen.",
    no_card: "Das ist keine Kartennummer. Es wurde nichts abgebucht.",
    challenge: "Zahlung freigeben",
    question: "Anstelle Ihrer Bank: Möchten Sie {amount} mit der Karte mit der Endung {card} \
               bezahlen? Empfänger: {shop}.",
    approve: "Freigeben",
    fail: "Freigabe scheitern lassen",
    closed: "Diese Zahlung ist nicht mehr offen. Ihr Status ist",
    back: "Zurück zu {shop}",
    close: "Sie können diese Seite schließen.",
    note: "Dies ist eine lokale Testumgebung. Es fließt kein Geld.",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_without_texts_are_spoken_to_in_english() {
        for (locale, lang) in [
            ("hu-HU", "hu-HU"),
            ("cs-CZ", "cs-CZ"),
            ("sk-SK", "sk-SK"),
            ("de-DE", "de-DE"),
            ("en-US", "en-US"),
            ("fr-FR", "en-US"),
        ] {
            assert_eq!(of(locale).lang, lang);
        }
    }

    #[test]
    fn every_language_fills_in_the_same() {
        for texts in [&ENGLISH, &HUNGARIAN, &CZECH, &SLOVAK, &GERMAN] {
            for (text, places) in [
                (texts.pay, &["{amount}"][..]),
                (texts.declined, &["{why}"]),
                (texts.soft_declined, &["{why}"]),
                (texts.was_declined, &["{card}", "{why}"]),
                (texts.not_authenticated, &["{card}", "{why}"]),
                (texts.question, &["{amount}", "{shop}", "{card}"]),
                (texts.back, &["{shop}"]),
            ] {
                for place in places {
                    assert_eq!(text.matches(place).count(), 1, "{}: {text}", texts.lang);
                }
                assert_eq!(text.matches('{').count(), places.len(), "{text}");
            }
        }
    }
}
