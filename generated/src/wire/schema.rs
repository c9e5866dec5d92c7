//! The JSON schemas of the hand-written values, under the names that the spec gives them.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{
    DashedGuid, Decimal, FreeForm, Guid, PosKey, RelatedId, Sensitive, TimeSpan, Timestamp,
};

macro_rules! schema {
    ($($name:ident: $schema:tt),+ $(,)?) => {
        $(impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        })+
    };
}

schema! {
    DashedGuid: { "type": "string" },
    Decimal: { "type": "number" },
    FreeForm: {},
    Guid: { "type": "string" },
    PosKey: { "type": "string" },
    RelatedId: { "type": ["string", "integer"] },
    Sensitive: { "type": "string" },
    TimeSpan: { "type": "string" },
    Timestamp: { "type": "string" },
}
