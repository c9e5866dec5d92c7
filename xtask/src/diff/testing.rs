//! A document to change one thing in.

use std::path::Path;

use serde_json::Value;

use super::{Verdict, diff};
use crate::spec::Spec;
use crate::spec::testing::edit;

const BEFORE: &str = "
openapi: 3.0.3
info: { title: A title, description: A text. }
paths:
  /pay:
    post:
      operationId: pay_bill
      description: Pays a bill.
      x-barion-key: shop
      x-barion-moves-money: true
      parameters:
        - { name: Id, in: path, required: true, schema: { type: string, maxLength: 10 } }
      requestBody:
        content: { application/json: { schema: { $ref: '#/components/schemas/PayRequest' }, example: { Total: 1 } } }
      responses:
        '200': { content: { application/json: { schema: { $ref: '#/components/schemas/PayResponse' } } } }
        '400': {}
  /print:
    get:
      operationId: print_bill
      responses: { '200': { content: { application/pdf: { schema: { type: string } } } } }
components:
  schemas:
    Id: { type: string, maxLength: 32 }
    Colour:
      type: string
      x-barion-values:
        - { value: Red, meaning: Red., also: [Rot], fractionDigits: 2 }
        - { value: Blue, meaning: Blue. }
    PayRequest:
      required: [Total, Flag]
      properties:
        Name: { type: string }
        Total: { type: integer, minimum: 0 }
        Flag: { type: boolean, nullable: true }
        Limited: { type: string }
        Id: { allOf: [{ $ref: '#/components/schemas/Id' }] }
        Lines: { type: array, items: { $ref: '#/components/schemas/Line' } }
    Line: { properties: { Count: { type: integer, format: int32 } } }
    PayResponse:
      required: [Id]
      properties:
        Id: { allOf: [{ $ref: '#/components/schemas/Id' }] }
        Colour: { allOf: [{ $ref: '#/components/schemas/Colour' }] }
        Note: { type: string }
        Errors: { $ref: '#/components/schemas/Errors' }
    Errors: { type: array, items: { $ref: '#/components/schemas/Card' } }
    Card:
      x-barion-source: [docs]
      x-barion-confidence: confirmed
      properties:
        Year: { type: string, x-barion-also: [YearOld] }
        Number: { type: string, x-barion-sensitive: personal }
";

/// The operation with a body.
pub(super) const POST: &str = "/paths/~1pay/post";
/// The named schemas.
pub(super) const SCHEMAS: &str = "/components/schemas";

/// The document with other things at some places; see [`edit`].
pub(super) fn with(edits: &[(&str, Value)]) -> Spec {
    let mut spec = Spec::parse(Path::new("test.yaml"), BEFORE).unwrap();
    edit(&mut spec, edits);
    spec
}

/// Each change in one line.
pub(super) fn told(old: &Spec, new: &Spec) -> Vec<String> {
    let changes = diff(old, new).into_iter();
    let lines = changes.map(|change| {
        let mut line = format!("{} {}", change.kind.as_str(), change.subject);
        if !change.detail.is_empty() {
            line = format!("{line}: {}", change.detail);
        }
        match change.verdict {
            Verdict::Breaks(why) => format!("{line} | breaking: {why}"),
            Verdict::Harmless(why) => format!("{line} | not breaking: {why}"),
            Verdict::Plain => line,
        }
    });
    lines.collect()
}

/// What is said of the edits.
pub(super) fn said(edits: &[(&str, Value)]) -> Vec<String> {
    told(&with(&[]), &with(edits))
}
