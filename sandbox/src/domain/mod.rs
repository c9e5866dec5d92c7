//! Rules of payments, shops and the wallet. Nothing here knows of HTTP or of SQL.

pub(crate) mod cards;
pub(crate) mod clock;
pub(crate) mod currency;
pub(crate) mod ids;
pub(crate) mod notice;
pub(crate) mod payment;
pub(crate) mod person;
pub(crate) mod seeded;
pub(crate) mod shop;
pub(crate) mod wallet;
