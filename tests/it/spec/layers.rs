//! Layers: imports run downwards only, and no two files import each other. ARCHITECTURE.md has the
//! picture.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, UseTree};
use xtask::regen::Places;

/// A crate's top modules, from the top layer to the bottom one; those on one line do not import
/// each other.
struct Crate {
    folder: &'static str,
    layers: &'static [&'static [&'static str]],
    /// Files that may import each other.
    knots: &'static [&'static [&'static str]],
}

const CRATES: &[Crate] = &[
    Crate {
        folder: "facade/src",
        layers: &[
            &["lib", "raw"],
            &["blocking"],
            &["reconcile"],
            &["client"],
            &["followup"],
            &["operation"],
            &["payment"],
            &["error"],
            &["unconfirmed"],
            &["money"],
            &["validation"],
            &["callback"],
            &["id", "wire"],
        ],
        knots: &[],
    },
    Crate {
        folder: "sandbox/src",
        layers: &[
            &["main"],
            &["lib"],
            &["builder"],
            &["sandbox"],
            &["http"],
            &["engine"],
            &["wire", "store", "callback"],
            &["faults", "log"],
            &["domain"],
            &["values"],
        ],
        knots: &[],
    },
    Crate {
        folder: "xtask/src",
        layers: &[
            &["lib", "main"],
            &["commands"],
            &["regen"],
            &["coverage", "diff", "guards", "inventory", "lint"],
            &["emit", "json_schema"],
            &["spec"],
            &["pairing", "source"],
            &["problem"],
        ],
        knots: &[],
    },
    Crate {
        folder: "watcher/src",
        layers: &[
            &["lib"],
            &["axum"],
            &["watcher"],
            &["store"],
            &["telemetry"],
            &["outcome"],
            &["order", "error"],
        ],
        knots: &[],
    },
];

/// An import: the file that has it, and the file that it takes from.
type Arrow = (String, String);

/// The arrows of one crate, between files as they are called below its `src`.
#[derive(Default)]
struct Arrows {
    /// The file of each module, by its path: `client::execute`.
    files: BTreeMap<Vec<String>, String>,
    found: BTreeSet<Arrow>,
    /// Where the walk is.
    file: String,
    module: Vec<String>,
}

impl Arrows {
    fn of(src: &Path) -> Self {
        let mut paths = Vec::new();
        rust_files(src, &mut paths);
        let mut arrows = Self::default();
        let name = |path: &Path| path.strip_prefix(src).unwrap().to_str().unwrap().to_owned();
        for path in &paths {
            arrows.files.insert(module_of(&name(path)), name(path));
        }
        for path in &paths {
            arrows.file = name(path);
            arrows.module = module_of(&arrows.file);
            let file = syn::parse_file(&fs::read_to_string(path).unwrap()).unwrap();
            arrows.visit_file(&file);
        }
        arrows
    }

    fn add(&mut self, path: &[String]) {
        let absolute = match path.first().map(String::as_str) {
            Some("crate") => path[1..].to_vec(),
            Some("self" | "super") => {
                let ups = path.iter().take_while(|part| *part == "super").count();
                let here = &self.module[..self.module.len() - ups];
                let rest = path
                    .iter()
                    .skip_while(|part| *part == "super" || *part == "self");
                here.iter().chain(rest).cloned().collect()
            }
            Some(first) => {
                let child: Vec<String> = self
                    .module
                    .iter()
                    .cloned()
                    .chain([first.to_owned()])
                    .collect();
                if !self.files.contains_key(&child) {
                    return;
                }
                self.module.iter().chain(path).cloned().collect()
            }
            None => return,
        };
        let target = (0..=absolute.len())
            .rev()
            .find_map(|end| self.files.get(&absolute[..end]));
        if let Some(target) = target.filter(|target| **target != self.file) {
            self.found.insert((self.file.clone(), target.clone()));
        }
    }

    /// Adds the paths that begin with `crate` in a text of tokens.
    fn add_paths_in(&mut self, tokens: &str) {
        let text = tokens.replace(' ', "");
        for (start, _) in text.match_indices("crate::") {
            let path =
                text[start..].split(|one: char| !(one.is_alphanumeric() || "_:".contains(one)));
            let parts: Vec<String> = path
                .take(1)
                .flat_map(|path| path.split("::"))
                .map(str::to_owned)
                .collect();
            // Texts and generated code name items of another root.
            if parts.len() > 1 && self.files.contains_key(&parts[1..2]) {
                self.add(&parts);
            }
        }
    }

    fn add_tree(&mut self, tree: &UseTree, prefix: &mut Vec<String>) {
        match tree {
            UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                self.add_tree(&path.tree, prefix);
                prefix.pop();
            }
            UseTree::Group(group) => group
                .items
                .iter()
                .for_each(|one| self.add_tree(one, prefix)),
            UseTree::Glob(_) => self.add(&prefix.clone()),
            UseTree::Name(syn::UseName { ident })
            | UseTree::Rename(syn::UseRename { ident, .. }) => {
                prefix.push(ident.to_string());
                self.add(&prefix.clone());
                prefix.pop();
            }
        }
    }
}

impl<'ast> Visit<'ast> for Arrows {
    fn visit_item(&mut self, item: &'ast Item) {
        if !attributes(item).iter().any(is_for_tests) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if item.content.is_some() {
            self.module.push(item.ident.to_string());
            visit::visit_item_mod(self, item);
            self.module.pop();
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.add_tree(&item.tree, &mut Vec::new());
    }

    /// Macros hold tokens, which nobody has parsed: paths from the root are looked for in them.
    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.add_paths_in(&mac.tokens.to_string());
    }

    /// Such as `#[serde(with = "crate::money::stored::amount")]`.
    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let syn::Meta::List(list) = &attribute.meta
            && !attribute.path().is_ident("doc")
        {
            self.add_paths_in(&list.tokens.to_string());
        }
    }

    /// `pub(crate)` is no import.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<String> = path
            .segments
            .iter()
            .map(|one| one.ident.to_string())
            .collect();
        if ["crate", "super"].contains(&parts[0].as_str()) {
            self.add(&parts);
        }
        visit::visit_path(self, path);
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Mod(ItemMod { attrs, .. })
        | Item::Use(ItemUse { attrs, .. })
        | Item::Impl(syn::ItemImpl { attrs, .. })
        | Item::Fn(syn::ItemFn { attrs, .. }) => attrs,
        _ => &[],
    }
}

fn is_for_tests(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute
            .parse_args::<syn::Ident>()
            .is_ok_and(|condition| condition == "test")
}

/// `client/mod.rs` and `client.rs` are `client`, `lib.rs` and `main.rs` are the root.
fn module_of(file: &str) -> Vec<String> {
    let mut parts: Vec<String> = file
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_owned)
        .collect();
    if parts
        .last()
        .is_some_and(|last| ["mod", "lib"].contains(&last.as_str()))
    {
        parts.pop();
    }
    parts
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Where a file stands in the table: its layer, counted from the top, and its top module.
fn place<'a>(layers: &[&[&str]], file: &'a str) -> Option<(usize, &'a str)> {
    let top = file.split(['/', '.']).next()?;
    Some((layers.iter().position(|layer| layer.contains(&top))?, top))
}

/// What breaks the layers: arrows that run upwards or sideways, and modules that have no layer.
fn broken(layers: &[&[&str]], arrows: &Arrows) -> Vec<String> {
    let mut problems: Vec<String> = arrows
        .files
        .values()
        .filter(|file| place(layers, file).is_none())
        .map(|file| format!("{file} is in no layer"))
        .collect();
    for (from, to) in &arrows.found {
        let (Some((above, of)), Some((below, into))) = (place(layers, from), place(layers, to))
        else {
            continue;
        };
        if of != into && below <= above {
            problems.push(format!(
                "{from} (layer {of}) imports {to}, of the layer {into} above or beside it"
            ));
        }
    }
    problems
}

/// The files that import each other, directly or around some corners.
fn cycles(arrows: &BTreeSet<Arrow>) -> BTreeSet<Vec<String>> {
    let mut reach: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (from, _) in arrows {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from.as_str()]);
        while let Some(file) = open.pop() {
            let next = arrows
                .iter()
                .filter(|(one, _)| one == file)
                .map(|(_, to)| to.as_str());
            open.extend(next.filter(|to| seen.insert(*to)));
        }
        reach.insert(from, seen);
    }
    let returns = |file: &str| {
        reach
            .get(file)
            .is_some_and(|reached| reached.contains(file))
    };
    let circle = |file: &str| {
        let reached = reach[file]
            .iter()
            .filter(|to| reach.get(**to).is_some_and(|back| back.contains(file)));
        reached.map(|to| (*to).to_owned()).collect()
    };
    reach
        .keys()
        .filter(|file| returns(file))
        .map(|file| circle(file))
        .collect()
}

#[test]
fn imports_run_downwards() {
    let root = Places::of_workspace().root();
    let mut problems = Vec::new();
    for one in CRATES {
        let arrows = Arrows::of(&root.join(one.folder));
        assert!(
            arrows.found.len() > 20,
            "{}: the imports are read",
            one.folder
        );
        let named = |problem: String| format!("{}: {problem}", one.folder);
        problems.extend(broken(one.layers, &arrows).into_iter().map(named));
        let cycles = cycles(&arrows.found).into_iter();
        let unexpected =
            cycles.filter(|cycle| !one.knots.iter().any(|knot| cycle.as_slice() == *knot));
        problems.extend(
            unexpected.map(|cycle| named(format!("import each other: {}", cycle.join(", ")))),
        );
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The rule bites: an import of the top layer by the bottom one is named, and so is the cycle.
#[test]
fn an_upward_import_is_named() {
    let root = Places::of_workspace().root();
    for one in CRATES {
        let mut arrows = Arrows::of(&root.join(one.folder));
        let of = |layer: &[&str]| {
            let mut files = arrows.files.values();
            let found = files.find(|file| place(&[layer], file).is_some());
            found
                .unwrap_or_else(|| panic!("{}: no file is in {layer:?}", one.folder))
                .clone()
        };
        let layers = one.layers.len();
        let (top, bottom) = (of(one.layers[0]), of(one.layers[layers - 1]));
        arrows.found.insert((bottom.clone(), top.clone()));
        arrows.found.insert((top.clone(), bottom.clone()));
        let problems = broken(one.layers, &arrows);
        let named = |problem: &String| problem.contains(&bottom) && problem.contains(&top);
        assert!(
            problems.len() == 1 && problems.iter().all(named),
            "{problems:?}"
        );
        let both = |cycle: &Vec<String>| cycle.contains(&bottom) && cycle.contains(&top);
        assert!(cycles(&arrows.found).iter().any(both));
    }
}

/// For a look at a crate: `BARION_CYCLES=facade/src cargo test --workspace --test it -- --nocapture
/// layers::cycles_of`.
#[test]
fn cycles_of() {
    let Ok(folder) = std::env::var("BARION_CYCLES") else {
        return;
    };
    let arrows = Arrows::of(&Places::of_workspace().root().join(folder));
    for cycle in cycles(&arrows.found) {
        println!("{} files: {}", cycle.len(), cycle.join(", "));
    }
}
