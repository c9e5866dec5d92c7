//! The report on the terminal.

use std::collections::BTreeMap;
use std::fmt;

use super::rows::{Coverage, PropertyRow, Reach};

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self
            .operations
            .iter()
            .map(|row| row.id.len())
            .max()
            .unwrap_or_default();
        writeln!(
            f,
            "{:width$}  spec  generated  facade          sandbox         test  documented",
            "operation"
        )?;
        for row in &self.operations {
            let [generated, facade, sandbox, test, documented] = row.reaches.each_ref().map(plain);
            writeln!(
                f,
                "{:width$}  yes   {generated:9}  {facade:14}  {sandbox:14}  {test:4}  {documented}",
                row.id
            )?;
        }
        writeln!(f, "\nproperties that the facade exposes")?;
        let mut models: BTreeMap<&str, Vec<&PropertyRow>> = BTreeMap::new();
        for row in &self.properties {
            models.entry(&row.model).or_default().push(row);
        }
        for (model, rows) in models {
            writeln!(f, "  {model}: {}", of_model(&rows))?;
        }
        let missing = self.missing();
        let cells = self.operations.len() * 6 + self.properties.len();
        let permille = (cells - missing.len()) * 1000 / cells.max(1);
        writeln!(
            f,
            "\n{} operations and {} properties: {}.{} % there or with a named reason",
            self.operations.len(),
            self.properties.len(),
            permille / 10,
            permille % 10
        )?;
        missing
            .iter()
            .try_for_each(|line| writeln!(f, "missing: {line}"))
    }
}

/// How many properties the facade exposes, and why it does not expose the others.
fn of_model(rows: &[&PropertyRow]) -> String {
    let there = rows.iter().filter(|row| row.facade == Reach::There).count();
    let mut line = format!("{there} of {}", rows.len());
    for row in rows {
        let more = match &row.facade {
            Reach::There => String::new(),
            Reach::Because(reason) if there > 0 => format!("; {} ({reason})", row.property),
            // A model that is left out as a whole has one reason.
            Reach::Because(reason) if line.ends_with(&format!("({reason})")) => String::new(),
            Reach::Because(reason) => format!(" ({reason})"),
            Reach::Missing => format!("; {} MISSING", row.property),
        };
        line += &more;
    }
    line
}

fn plain(reach: &Reach) -> &str {
    match reach {
        Reach::There => "yes",
        Reach::Because(reason) => reason,
        Reach::Missing => "NO",
    }
}
