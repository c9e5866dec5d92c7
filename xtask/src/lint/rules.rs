//! The rules: their names, what they ask for, and the order in which they are checked.

use super::report::{Document, Report};
use super::{bodies, document, examples, limits, operations, schemas, values};
use crate::problem::Problems;
use crate::spec::{Spec, loops};

/// One rule.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its name, as it stands at the end of its messages.
    pub name: &'static str,
    /// What it asks for, in one line.
    pub about: &'static str,
    check: Check,
}

type Check = fn(&Document<'_>, &mut Report);

const fn rule(name: &'static str, about: &'static str, check: Check) -> Rule {
    Rule { name, about, check }
}

/// The rules that must hold before anything can follow references.
static BASICS: [Rule; 3] = [
    rule(
        "openapi-version",
        "The document is OpenAPI 3.0.x, the version that the generator reads.",
        document::version,
    ),
    rule(
        "sections",
        "The document has paths and named schemas.",
        document::sections,
    ),
    rule(
        "reference",
        "Every $ref leads to something in this document, and no schema contains itself as a whole.",
        document::references,
    ),
];

static RULES: [Rule; 19] = [
    rule(
        "operation-id",
        "Every operation has a snake_case name of its own: it becomes the method's name.",
        operations::id,
    ),
    rule(
        "source",
        "Operations and named schemas say where they are known from (x-barion-source).",
        operations::source,
    ),
    rule(
        "confidence",
        "Operations and named schemas say how sure that is (x-barion-confidence).",
        operations::confidence,
    ),
    rule(
        "key",
        "Every operation says whose key is sent: shop, wallet or none (x-barion-key).",
        operations::key,
    ),
    rule(
        "moves-money",
        "Every operation says whether it may move money (x-barion-moves-money).",
        operations::moves_money,
    ),
    rule(
        "answer-schema",
        "Every operation answers 200 with a schema, as JSON or as a file (PDF, picture).",
        bodies::answer_schema,
    ),
    rule(
        "request-example",
        "Every request body has an example.",
        bodies::request_example,
    ),
    rule(
        "answer-example",
        "Every JSON answer of 200 has an example.",
        bodies::answer_example,
    ),
    rule(
        "parameter-example",
        "Every parameter has an example.",
        bodies::parameter_example,
    ),
    rule(
        "valid-example",
        "Every example fits its schema.",
        examples::valid,
    ),
    rule(
        "limits",
        "Properties of requests have limits, or say why not (x-barion-no-limit).",
        limits::limits,
    ),
    rule(
        "unit",
        "Every number says what it counts (x-barion-unit).",
        schemas::unit,
    ),
    rule(
        "description",
        "Schemas, properties, parameters and operations have a description.",
        schemas::description,
    ),
    rule(
        "closed-list",
        "No enum anywhere: Barion's lists grow, so they are open (x-barion-values).",
        values::closed_list,
    ),
    rule(
        "bare-number",
        "No `type: number` but in the schema Decimal, which is exact.",
        values::bare_number,
    ),
    rule(
        "open-values",
        "Each value of x-barion-values has a meaning, and no spelling stands there twice.",
        values::open_values,
    ),
    rule(
        "unused-schema",
        "Every named schema is used by some operation.",
        schemas::unused_schema,
    ),
    rule(
        "one-direction",
        "A model serves requests or answers, not both: requests are strict, answers are lenient.",
        schemas::one_direction,
    ),
    rule(
        "lenient-answer",
        "Answers require no property: a missing one must not make an answer unreadable.",
        schemas::lenient_answer,
    ),
];

/// All rules, in the order in which they are checked.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    BASICS.iter().chain(&RULES)
}

/// Checks all rules.
///
/// # Errors
/// Every broken rule, with its place. Where schemas refer to each other in circles, only the basic
/// rules are checked, because the others follow references.
pub fn lint(spec: &Spec) -> Result<(), Problems> {
    let document = Document::of(spec);
    let mut report = Report {
        file: spec.file.clone(),
        rule: "",
        problems: Vec::new(),
    };
    let others: &[Rule] = if loops(spec).is_empty() { &RULES } else { &[] };
    for rule in BASICS.iter().chain(others) {
        report.rule = rule.name;
        (rule.check)(&document, &mut report);
    }
    if report.problems.is_empty() {
        Ok(())
    } else {
        Err(Problems(report.problems))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::rules;
    use crate::lint::testing::{broken, minimal};

    #[test]
    fn the_minimal_document_keeps_all_rules() {
        assert_eq!(broken(&minimal()), []);
    }

    #[test]
    fn rules_have_names_of_their_own_and_are_described() {
        let names: BTreeSet<&str> = rules().map(|rule| rule.name).collect();
        assert_eq!(names.len(), rules().count());
        for rule in rules() {
            assert!(
                rule.name
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c == '-'),
                "{rule:?}"
            );
            assert!(
                rule.about.ends_with('.') && !rule.about.contains('\n'),
                "{rule:?}"
            );
        }
    }
}
