//! Fuzzing with damaged documents: the commands report problems and never panic.

use serde_json::{Value, json};

use xtask::diff;
use xtask::lint::lint;
use xtask::regen::Places;
use xtask::spec::Spec;

/// A linear congruential generator: the same documents on every run, without a dependency.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % end
    }
}

/// Replaces a value somewhere by something that does not belong there.
fn damage(value: &mut Value, dice: &mut Dice, names: &[String]) {
    let inner = match value {
        Value::Object(map) if !map.is_empty() => {
            let index = dice.below(map.len());
            map.values_mut().nth(index)
        }
        Value::Array(list) if !list.is_empty() => {
            let index = dice.below(list.len());
            list.get_mut(index)
        }
        _ => None,
    };
    match inner {
        Some(inner) if dice.below(7) > 0 => damage(inner, dice, names),
        _ => *value = junk(dice, names),
    }
}

fn junk(dice: &mut Dice, names: &[String]) -> Value {
    let name = &names[dice.below(names.len())];
    let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
    match dice.below(12) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1.5),
        3 => json!(u64::MAX),
        4 => json!(""),
        5 => json!("Ä {text} ~0/%"),
        6 => json!([]),
        7 => json!([null, 3, "x", {}]),
        8 => json!({}),
        9 => json!({ "$ref": 1, "type": ["string"], "enum": 5, "pattern": "(", "nullable": true }),
        10 => json!({ "allOf": [reference] }),
        _ => reference,
    }
}

#[test]
fn damaged_documents_are_refused_without_a_panic() {
    let real = Spec::read(&Places::of_workspace().spec).unwrap();
    let names: Vec<String> = real.schemas().unwrap().keys().cloned().collect();
    let mut dice = Dice(20_261_121);
    let mut refused = 0;
    for _ in 0..200 {
        let mut spec = real.clone();
        for _ in 0..=dice.below(6) {
            damage(&mut spec.root, &mut dice, &names);
        }
        if let Err(problems) = lint(&spec) {
            assert!(!problems.to_string().is_empty());
            refused += 1;
        }
        for changes in [diff::diff(&real, &spec), diff::diff(&spec, &real)] {
            let _ = (diff::text(&changes), diff::markdown(&changes));
        }
    }
    assert!(refused > 100, "{refused}");
}
