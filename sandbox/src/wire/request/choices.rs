//! Words that requests may use, with their codes.

use super::reader::Choices;

pub(crate) const PAYMENT_TYPE: &Choices = &[
    ("Immediate", None),
    ("Reservation", None),
    ("DelayedCapture", None),
];

/// `Card` is what the docs called `BankCard` until 2021.
pub(crate) const FUNDING_SOURCE: &Choices = &[
    ("All", None),
    ("Balance", None),
    ("BankCard", None),
    ("Card", None),
    ("GooglePay", None),
    ("ApplePay", None),
    ("BankTransfer", None),
];

pub(crate) const LOCALE: &Choices = &[
    ("hu-HU", None),
    ("en-US", None),
    ("de-DE", None),
    ("sl-SI", None),
    ("sk-SK", None),
    ("fr-FR", None),
    ("cs-CZ", None),
    ("el-GR", None),
    ("es-ES", None),
    ("hr-HR", None),
    ("ro-RO", None),
    ("pl-PL", None),
    ("it-IT", None),
    ("bg-BG", None),
];

pub(crate) const CURRENCY: &Choices = &[
    ("HUF", None),
    ("EUR", None),
    ("USD", None),
    ("CZK", None),
    ("RON", None),
    ("PLN", None),
];

pub(crate) const RECURRENCE_TYPE: &Choices = &[
    ("MerchantInitiatedPayment", Some(0)),
    ("OneClickPayment", Some(10)),
    ("RecurringPayment", Some(20)),
];

pub(crate) const CHALLENGE_PREFERENCE: &Choices = &[
    ("NoPreference", Some(0)),
    ("ChallengeRequired", Some(10)),
    ("NoChallengeNeeded", Some(20)),
];

pub(crate) const ACCOUNT_CREATION: &Choices = &[
    ("NoAccount", Some(0)),
    ("CreatedDuringThisTransaction", Some(10)),
    ("LessThan30Days", Some(20)),
    ("Between30And60Days", Some(30)),
    ("MoreThan60Days", Some(40)),
];

pub(crate) const ACCOUNT_CHANGE: &Choices = &[
    ("ChangedDuringThisTransaction", Some(0)),
    ("LessThan30Days", Some(10)),
    ("Between30And60Days", Some(20)),
    ("MoreThan60Days", Some(30)),
];

pub(crate) const PASSWORD_CHANGE: &Choices = &[
    ("NoChange", Some(0)),
    ("ChangedDuringThisTransaction", Some(10)),
    ("LessThan30Days", Some(20)),
    ("Between30And60Days", Some(30)),
    ("MoreThan60Days", Some(40)),
];

pub(crate) const SHIPPING_ADDRESS_USAGE: &Choices = &[
    ("ThisTransaction", Some(0)),
    ("LessThan30Days", Some(10)),
    ("Between30And60Days", Some(20)),
    ("MoreThan60Days", Some(30)),
];

pub(crate) const PAYMENT_METHOD: &Choices = &[
    ("NoAccount", Some(0)),
    ("ThisTransaction", Some(10)),
    ("LessThan30Days", Some(20)),
    ("Between30And60Days", Some(30)),
    ("MoreThan60Days", Some(40)),
];

pub(crate) const SUSPICIOUS_ACTIVITY: &Choices = &[
    ("NoSuspiciousActivityObserved", Some(0)),
    ("SuspiciousActivityObserved", Some(10)),
];

pub(crate) const DELIVERY_TIMEFRAME: &Choices = &[
    ("ElectronicDelivery", Some(0)),
    ("SameDayShipping", Some(10)),
    ("OvernightShipping", Some(20)),
    ("TwoDayOrMoreShipping", Some(30)),
];

pub(crate) const AVAILABILITY: &Choices = &[
    ("MerchandiseAvailable", Some(0)),
    ("FutureAvailability", Some(10)),
];

/// The official PHP client spells the second one `ReOrdered`.
pub(crate) const RE_ORDER: &Choices = &[("FirstTimeOrdered", Some(0)), ("Reordered", Some(10))];

pub(crate) const SHIPPING_ADDRESS: &Choices = &[
    ("ShipToCardholdersBillingAddress", Some(0)),
    ("ShipToAnotherVerifiedAddress", Some(10)),
    ("ShipToDifferentAddress", Some(20)),
    ("ShipToStore", Some(30)),
    ("DigitalGoods", Some(40)),
    ("TravelAndEventTickets", Some(50)),
    ("Other", Some(60)),
];

pub(crate) const PURCHASE_TYPE: &Choices = &[
    ("GoodsAndServicePurchase", Some(0)),
    ("CheckAcceptance", Some(1)),
    ("AccountFunding", Some(2)),
    ("QuasiCashTransaction", Some(3)),
    ("PrePaidVacationAndLoan", Some(4)),
];

/// The formats of account numbers; v3 refuses `Other`.
pub(crate) const ACCOUNT_FORMAT: &Choices = &[("Giro", None), ("IBAN", None), ("Czech", None)];

pub(crate) const ACCOUNT_FORMAT_V2: &Choices = &[
    ("Unknown", None),
    ("Giro", None),
    ("IBAN", None),
    ("Czech", None),
    ("Other", None),
];

pub(crate) const SHOP_CATEGORY: &Choices = &[
    ("Agriculture", None),
    ("BookNewsPaper", None),
    ("Ad", None),
    ("BonusCoupon", None),
    ("Dating", None),
    ("Electronics", None),
    ("FashionClothes", None),
    ("FoodDrink", None),
    ("FurnitureAntiquity", None),
    ("GiftToyFlower", None),
    ("BeautyHealth", None),
    ("HomeDesignGarden", None),
    ("JobEducation", None),
    ("BuildingMaterialMachine", None),
    ("Baby", None),
    ("FilmMusic", None),
    ("Other", None),
    ("Pet", None),
    ("Property", None),
    ("Service", None),
    ("SportLeisureTravel", None),
    ("BettingGambling", None),
    ("Tobacco", None),
    ("Vehicle", None),
    ("WatchJewelry", None),
];

pub(crate) const SHOP_CURRENCY: &Choices =
    &[("HUF", None), ("CZK", None), ("EUR", None), ("USD", None)];

pub(crate) const QR_SIZE: &Choices = &[("Small", None), ("Normal", None), ("Large", None)];
