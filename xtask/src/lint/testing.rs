//! A document that keeps all rules, to break one thing in it.

use std::path::Path;

use serde_json::Value;

use super::{lint, rules};
use crate::spec::Spec;
use crate::spec::testing::edit;

const MINIMAL: &str = "
openapi: 3.0.3
paths:
  /bill/{Id}:
    post:
      operationId: pay_bill
      description: Pays a bill.
      x-barion-source: [docs]
      x-barion-confidence: confirmed
      x-barion-key: shop
      x-barion-moves-money: true
      parameters:
        - { name: Id, in: path, required: true, description: Which bill., schema: { $ref: '#/components/schemas/Guid' }, example: ab }
        - { $ref: '#/components/parameters/Page' }
      requestBody:
        content:
          application/json:
            schema: { $ref: '#/components/schemas/PayRequest' }
            example: { Name: Bread, Total: 3.5, Lines: [{ Count: 1 }], Window: '0.00:30:00' }
      responses:
        '200':
          description: Paid.
          content:
            application/json:
              schema: { $ref: '#/components/schemas/PayResponse' }
              examples:
                paid: { value: { Total: 3.5, Currency: HUF } }
        '400': { $ref: '#/components/responses/Refused' }
    get:
      operationId: print_bill
      description: Prints a bill.
      x-barion-source: [docs]
      x-barion-confidence: reported
      x-barion-key: none
      x-barion-moves-money: false
      responses:
        '200':
          description: The print.
          content: { application/pdf: { schema: { type: string, format: binary } } }
components:
  parameters:
    Page: { name: Page, in: query, description: Which page., schema: { type: integer }, example: 1 }
  responses:
    Refused:
      description: Refused.
      content:
        application/json:
          schema: { type: object, properties: { Errors: { $ref: '#/components/schemas/ErrorList' } } }
          example: { Errors: [{ Title: Refused }] }
  schemas:
    Decimal: { type: number, description: An exact number., x-barion-source: [docs], x-barion-confidence: confirmed }
    Guid: { type: string, pattern: '^[0-9a-f]+$', description: An id., x-barion-source: [docs], x-barion-confidence: confirmed }
    TimeSpan: { type: string, pattern: '^.+:.+$', description: A span., x-barion-source: [docs], x-barion-confidence: confirmed }
    Currency:
      type: string
      description: A currency.
      x-barion-source: [docs]
      x-barion-confidence: confirmed
      x-barion-values: [{ value: HUF, meaning: Forint., also: [Ft] }, { value: EUR, meaning: Euro. }]
    PayRequest:
      type: object
      description: A request.
      required: [Total]
      x-barion-source: [docs]
      x-barion-confidence: confirmed
      properties:
        Name: { type: string, maxLength: 10, description: A name. }
        Note: { type: string, description: A note., x-barion-no-limit: Nobody knows. }
        Id: { allOf: [{ $ref: '#/components/schemas/Guid' }], description: An id. }
        Total: { allOf: [{ $ref: '#/components/schemas/Decimal' }], minimum: 0, description: A total., x-barion-unit: money }
        Window:
          allOf: [{ $ref: '#/components/schemas/TimeSpan' }]
          description: How long.
          x-barion-minimum: '0.00:01:00'
          x-barion-maximum: '1.00:00:00'
        Currency: { allOf: [{ $ref: '#/components/schemas/Currency' }], description: A currency. }
        Lines: { type: array, minItems: 1, description: Lines., items: { $ref: '#/components/schemas/Line' } }
    Line:
      type: object
      description: A line.
      x-barion-source: [docs]
      x-barion-confidence: confirmed
      properties:
        Count: { type: integer, minimum: 1, description: How many., x-barion-unit: count }
        Gift: { type: boolean, description: Whether it is a gift. }
    PayResponse:
      type: object
      description: An answer.
      x-barion-source: [docs]
      x-barion-confidence: confirmed
      properties:
        Total: { allOf: [{ $ref: '#/components/schemas/Decimal' }], description: A total., x-barion-unit: money }
        Currency: { allOf: [{ $ref: '#/components/schemas/Currency' }], nullable: true, description: A currency. }
        Note: { type: string, nullable: true, description: A note. }
        Errors: { $ref: '#/components/schemas/ErrorList' }
    ErrorList:
      type: array
      description: Errors.
      x-barion-source: [docs]
      x-barion-confidence: confirmed
      items: { $ref: '#/components/schemas/ApiError' }
    ApiError:
      type: object
      description: An error.
      x-barion-source: [docs]
      x-barion-confidence: confirmed
      properties:
        Title: { type: string, description: A title. }
";

/// The operation with a body.
pub(super) const POST: &str = "/paths/~1bill~1{Id}/post";
/// The operation that answers with a file.
pub(super) const GET: &str = "/paths/~1bill~1{Id}/get";
/// The named schemas.
pub(super) const SCHEMAS: &str = "/components/schemas";

/// A document that keeps all rules.
pub(super) fn minimal() -> Spec {
    Spec::parse(Path::new("test.yaml"), MINIMAL).unwrap()
}

/// The minimal document with other things at some places; see [`edit`].
pub(super) fn with(edits: &[(&str, Value)]) -> Spec {
    let mut spec = minimal();
    edit(&mut spec, edits);
    spec
}

/// Which rules are broken, and where.
pub(super) fn broken(spec: &Spec) -> Vec<(String, String)> {
    let problems = lint(spec)
        .err()
        .map_or_else(Vec::new, |problems| problems.0);
    let found = problems.into_iter().map(|problem| {
        let rule = problem.message.rsplit_once(" (rule: ").unwrap().1;
        let rule = rule.strip_suffix(')').unwrap().to_owned();
        assert!(rules().any(|known| known.name == rule), "{rule}");
        (rule, problem.pointer.unwrap())
    });
    found.collect()
}

/// Asserts that the edits break just these places of one rule and nothing else.
#[track_caller]
pub(super) fn breaks(rule: &str, edits: &[(&str, Value)], pointers: &[&str]) {
    let expected: Vec<(String, String)> = pointers
        .iter()
        .map(|pointer| (rule.to_owned(), (*pointer).to_owned()))
        .collect();
    assert_eq!(broken(&with(edits)), expected);
}

/// Asserts that the document still keeps all rules.
#[track_caller]
pub(super) fn passes(edits: &[(&str, Value)]) {
    assert_eq!(broken(&with(edits)), []);
}
