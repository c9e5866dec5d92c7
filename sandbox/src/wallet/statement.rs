//! Statements: a document for a month, a table for a day.

use std::fmt::Write;

use chrono::{DateTime, Days, Months, NaiveDate, NaiveTime, Utc};
use rust_decimal::Decimal;

use super::zip::pack;
use super::{HistoryItem, Wallet};
use crate::request::wallet::StatementQuery;
use crate::store::db::StoreError;
use crate::wire;

/// The type of a workbook.
pub(crate) const TABLE_TYPE: &str =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Lines on a page of the document.
const PAGE: usize = 50;

/// What moved on an account in some time.
#[derive(Debug)]
pub(crate) struct Statement {
    currency: &'static str,
    first: NaiveDate,
    last: NaiveDate,
    opening: Decimal,
    closing: Decimal,
    items: Vec<HistoryItem>,
}

impl Statement {
    /// `None` for the future and for the time before the wallet was there.
    ///
    /// Assumed: a month or day that is not over has a statement of what there is so far.
    pub(crate) fn of(
        wallet: &Wallet<'_>,
        wanted: StatementQuery,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>, StoreError> {
        let Some((first, end)) = wanted.first.and_then(|first| {
            let end = if wanted.daily {
                first.checked_add_days(Days::new(1))?
            } else {
                first.checked_add_months(Months::new(1))?
            };
            Some((first, end))
        }) else {
            return Ok(None);
        };
        let (from, until) = (midnight(first), midnight(end));
        if from > now || until <= wallet.opened_at {
            return Ok(None);
        }
        let Some(account) = wallet.account(wanted.currency)? else {
            return Ok(None);
        };
        let sum = |items: &[HistoryItem]| items.iter().map(|item| item.available).sum::<Decimal>();
        // Counted back from today's balance, so that older items need not be read.
        let mut items = wallet.items_since(wanted.currency, from)?;
        let opening = account.available - sum(&items);
        items.retain(|item| item.at < until && !item.available.is_zero());
        Ok(Some(Self {
            currency: wanted.currency.code,
            first,
            last: end.pred_opt().unwrap_or(first),
            opening,
            closing: opening + sum(&items),
            items,
        }))
    }

    fn title(&self) -> String {
        format!(
            "Statement {} {} to {}",
            self.currency, self.first, self.last
        )
    }

    /// A PDF. Its text is ASCII and its one font is built into every reader.
    pub(crate) fn document(&self) -> Vec<u8> {
        let mut lines = vec![
            self.title(),
            "Barion sandbox: no real money".to_owned(),
            format!("Opening balance {} {}", self.opening, self.currency),
        ];
        lines.extend(self.items.iter().map(|item| {
            let kind = format!("{:?}", item.kind);
            format!("{} {kind} {}", wire::zoned(item.at), item.available)
        }));
        lines.push(format!(
            "Closing balance {} {}",
            self.closing, self.currency
        ));
        let pages: Vec<&[String]> = lines.chunks(PAGE).collect();
        pdf(&pages).into_bytes()
    }

    /// A workbook with one sheet. Unlike Barion's it is not signed.
    pub(crate) fn table(&self) -> Vec<u8> {
        let mut rows = vec![
            row(&[text(&self.title())]),
            row(&[text("Opening balance"), number(self.opening)]),
            row(&["Time", "Type", "Description", "Amount"].map(text)),
        ];
        rows.extend(self.items.iter().map(|item| {
            row(&[
                text(&wire::zoned(item.at)),
                text(&format!("{:?}", item.kind)),
                text(item.description.as_deref().unwrap_or_default()),
                number(item.available),
            ])
        }));
        rows.push(row(&[text("Closing balance"), number(self.closing)]));
        pack(&[
            ("[Content_Types].xml", CONTENT_TYPES.to_owned()),
            ("_rels/.rels", RELATIONS.to_owned()),
            ("xl/workbook.xml", WORKBOOK.to_owned()),
            ("xl/_rels/workbook.xml.rels", WORKBOOK_RELATIONS.to_owned()),
            ("xl/worksheets/sheet1.xml", sheet(&rows)),
        ])
    }
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// Writes the objects of a PDF and the table of where they begin.
fn pdf(pages: &[&[String]]) -> String {
    // The catalog, the list of pages, the font; then two objects for each page.
    let kids: Vec<String> = (0..pages.len())
        .map(|page| format!("{} 0 R", 4 + 2 * page))
        .collect();
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        format!(
            "<</Type/Pages/Kids[{}]/Count {}>>",
            kids.join(" "),
            pages.len()
        ),
        "<</Type/Font/Subtype/Type1/BaseFont/Courier>>".to_owned(),
    ];
    for (page, lines) in pages.iter().enumerate() {
        let mut content = String::from("BT /F1 9 Tf 14 TL 50 790 Td");
        for line in *lines {
            // Only our own words, digits and dates get here: nothing that would need escaping.
            let _ = write!(content, " ({line}) Tj T*");
        }
        content.push_str(" ET");
        objects.push(format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents {} 0 R>>",
            5 + 2 * page
        ));
        objects.push(format!(
            "<</Length {}>>stream\n{content}\nendstream",
            content.len()
        ));
    }
    let mut file = String::from("%PDF-1.4\n");
    let mut table = String::from("0000000000 65535 f \n");
    for (place, object) in objects.iter().enumerate() {
        let _ = writeln!(table, "{:010} 00000 n ", file.len());
        let _ = writeln!(file, "{} 0 obj\n{object}\nendobj", place + 1);
    }
    let start = file.len();
    let count = objects.len() + 1;
    let _ = write!(
        file,
        "xref\n0 {count}\n{table}trailer\n<</Size {count}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    );
    file
}

const CONTENT_TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#;
const RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Statement" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const WORKBOOK_RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

fn sheet(rows: &[String]) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>"#,
        rows.concat()
    )
}

fn row(cells: &[String]) -> String {
    format!("<row>{}</row>", cells.concat())
}

fn number(value: Decimal) -> String {
    format!("<c><v>{value}</v></c>")
}

fn text(value: &str) -> String {
    let mut escaped = String::new();
    for c in value.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // XML 1.0 cannot hold these at all.
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    format!(r#"<c t="inlineStr"><is><t>{escaped}</t></is></c>"#)
}
