//! Statements as files: a PDF for a month, a workbook for a day.

mod pdf;
mod title;
mod workbook;
mod zip;

pub(crate) use pdf::document;
pub(crate) use workbook::{TABLE_TYPE, table};
