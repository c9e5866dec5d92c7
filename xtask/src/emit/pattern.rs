//! Patterns as steps: a regular expression that needs no backtracking, to be matched without a
//! library for regular expressions.

use proc_macro2::TokenStream;
use quote::quote;
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look};

/// Some characters out of a set.
struct Step {
    set: ClassUnicode,
    least: usize,
    most: usize,
}

/// The pattern as the table of limits has it.
///
/// # Errors
/// Why it can't be matched step by step.
pub(super) fn emit(pattern: &str) -> Result<TokenStream, String> {
    if [r"\\", r"\d", r"\D", r"\w", r"\W", r"\S", r"\b", r"\B"]
        .iter()
        .any(|one| pattern.contains(one))
    {
        return Err("has a class that engines read differently".to_owned());
    }
    // As in the classes of most engines that the document is read by: blanks are those of ASCII.
    let ascii = pattern.replace(r"\s", r"\t\n\v\f\r ");
    let hir = regex_syntax::parse(&ascii).map_err(|_| "is no regular expression".to_owned())?;
    let HirKind::Concat(parts) = hir.kind() else {
        return Err("must begin with ^".to_owned());
    };
    let is_look = |hir: &Hir, look: Look| *hir.kind() == HirKind::Look(look);
    let (Some((first, parts)), Some(last)) = (parts.split_first(), parts.last()) else {
        return Err("must begin with ^".to_owned());
    };
    if !is_look(first, Look::Start) {
        return Err("must begin with ^".to_owned());
    }
    let whole = is_look(last, Look::End);
    let parts = &parts[..parts.len() - usize::from(whole)];
    let mut steps = Vec::new();
    for part in parts {
        add(part, &mut steps)?;
    }
    for (place, step) in steps.iter().enumerate() {
        let after = &steps[place + 1..];
        // Steps that may be left out let later ones follow.
        let until = after.iter().position(|one| one.least > 0);
        let next = &after[..until.map_or(after.len(), |until| until + 1)];
        let shares = |one: &Step| {
            let mut both = step.set.clone();
            both.intersect(&one.set);
            !both.ranges().is_empty()
        };
        if step.least != step.most && next.iter().any(shares) {
            return Err("repeats what may also follow, which needs backtracking".to_owned());
        }
    }
    let steps = steps.iter().map(|Step { set, least, most }| {
        let ranges = set.ranges().iter().map(|range| {
            let (start, end) = (range.start(), range.end());
            quote!((#start, #end))
        });
        let most = if *most == usize::MAX {
            quote!(usize::MAX)
        } else {
            quote!(#most)
        };
        quote!(Step { set: &[#(#ranges),*], least: #least, most: #most })
    });
    Ok(quote!(Pattern { text: #pattern, steps: &[#(#steps),*], whole: #whole }))
}

fn add(part: &Hir, steps: &mut Vec<Step>) -> Result<(), String> {
    match part.kind() {
        HirKind::Literal(literal) => {
            let text = String::from_utf8_lossy(&literal.0).into_owned();
            let one = |c| ClassUnicode::new([ClassUnicodeRange::new(c, c)]);
            steps.extend(text.chars().map(|c| Step {
                set: one(c),
                least: 1,
                most: 1,
            }));
            Ok(())
        }
        HirKind::Class(Class::Unicode(set)) => {
            steps.push(Step {
                set: set.clone(),
                least: 1,
                most: 1,
            });
            Ok(())
        }
        HirKind::Repetition(repeated) => {
            let mut inner = Vec::new();
            add(&repeated.sub, &mut inner)?;
            let number = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
            match (inner.pop(), inner.is_empty()) {
                (Some(step), true) if step.least == 1 && step.most == 1 => {
                    steps.push(Step {
                        set: step.set,
                        least: number(repeated.min),
                        most: repeated.max.map_or(usize::MAX, number),
                    });
                    Ok(())
                }
                _ => Err("repeats more than one character".to_owned()),
            }
        }
        _ => Err("has more than characters and their repetitions".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::emit;

    #[test]
    fn a_pattern_is_steps() {
        let steps = emit("^[A-Z]{2,}a$").unwrap().to_string();
        assert_eq!(
            steps,
            "Pattern { text : \"^[A-Z]{2,}a$\" , steps : & [Step { set : & [('A' , 'Z')] , least : \
             2usize , most : usize :: MAX } , Step { set : & [('a' , 'a')] , least : 1usize , most \
             : 1usize }] , whole : true }"
        );
    }

    #[test]
    fn what_needs_backtracking_is_refused() {
        for (pattern, why) in [
            ("[a-z]", "begin with ^"),
            ("^[a-z]+b$", "backtracking"),
            ("^a*b?a$", "backtracking"),
            ("^[0-9]*-?[0-9]$", "backtracking"),
            (r"^\\s$", "read differently"),
            (r"^\d$", "read differently"),
            (r"^[^\W]+$", "read differently"),
            ("^(ab)+$", "more than"),
            ("^a|b$", "begin with ^"),
            ("^[", "no regular expression"),
        ] {
            let error = emit(pattern).unwrap_err();
            assert!(error.contains(why), "{pattern}: {error}");
        }
    }
}
