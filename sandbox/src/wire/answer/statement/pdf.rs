//! Statements as PDF.

use std::fmt::Write;

use super::title::title;
use crate::domain::wallet::statement::Statement;
use crate::values::time;

/// Lines on a page of the document.
const PAGE: usize = 50;

/// A PDF. Its text is ASCII and its one font is built into every reader.
pub(crate) fn document(statement: &Statement) -> Vec<u8> {
    let mut lines = vec![
        title(statement),
        "Barion sandbox: no real money".to_owned(),
        format!(
            "Opening balance {} {}",
            statement.opening, statement.currency
        ),
    ];
    lines.extend(statement.items.iter().map(|item| {
        let kind = format!("{:?}", item.kind);
        format!("{} {kind} {}", time::zoned(item.at), item.available)
    }));
    lines.push(format!(
        "Closing balance {} {}",
        statement.closing, statement.currency
    ));
    let pages: Vec<&[String]> = lines.chunks(PAGE).collect();
    pdf(&pages).into_bytes()
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
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 \
             R>>>>/Contents {} 0 R>>",
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
