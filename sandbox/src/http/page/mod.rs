//! Pages for people: the payer's gateway page, and what the developer of a shop looks at.
//!
//! Plain HTML, no script.

mod cards;
mod detail;
mod html;
mod list;
mod lookup;
mod means;
mod money;
mod pages;
mod pay;
mod texts;
mod timeline;

pub(crate) use pages::Page;
