//! Edits of a document, for tests.

use serde_json::Value;

use super::document::Spec;

/// Puts other values at some places. `Null` takes away what must be there; an index at the end of a
/// list appends.
pub(crate) fn edit(spec: &mut Spec, edits: &[(&str, Value)]) {
    for (pointer, value) in edits {
        let (above, key) = pointer.rsplit_once('/').unwrap();
        let key = key.replace("~1", "/");
        match (spec.root.pointer_mut(above), value) {
            (Some(Value::Object(map)), Value::Null) => drop(map.remove(&key).unwrap()),
            (Some(Value::Object(map)), value) => drop(map.insert(key, value.clone())),
            (Some(Value::Array(list)), value) => {
                let index: usize = key.parse().unwrap();
                if index == list.len() {
                    list.push(Value::Null);
                }
                list[index] = value.clone();
            }
            _ => panic!("nothing at {above}"),
        }
    }
}
