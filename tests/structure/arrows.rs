//! Which file uses which: from the paths that begin with `crate`, `super` or `self`, and from `use` lines.

use crate::lexer::{tokens, without_tests};
use std::collections::{BTreeMap, BTreeSet};

/// The names from the crate's root to a module; the root is empty.
pub type Module = Vec<String>;

/// `from` uses an item of `to`, by the path that stands there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrow {
    pub from: Module,
    pub to: Module,
    pub path: String,
}

/// What one file says.
#[derive(Default)]
struct File {
    /// Every path to something in this crate, absolute.
    paths: Vec<Module>,
    /// Names that `use` brings into the module, and the paths that they stand for.
    imports: BTreeMap<String, Module>,
}

/// Draws the arrows of files given as paths below `src` (`color/mod.rs`) and their texts. Test code does not count.
pub fn arrows<'a>(sources: impl IntoIterator<Item = (&'a str, &'a str)>) -> BTreeSet<Arrow> {
    let mut texts = BTreeMap::new();
    let mut tests = BTreeSet::new();
    for (path, text) in sources {
        let module = module_of(path);
        let (kept, test_modules) = without_tests(&tokens(text));
        tests.extend(test_modules.into_iter().map(|name| join(&module, &[name])));
        texts.insert(module, kept);
    }
    texts.retain(|module, _| !(1..=module.len()).any(|length| tests.contains(&module[..length])));
    let names: BTreeSet<Module> = texts.keys().cloned().collect();
    let files: BTreeMap<Module, File> =
        texts.iter().map(|(name, text)| (name.clone(), read(name, text, &names))).collect();
    let mut arrows = BTreeSet::new();
    for (from, file) in &files {
        for path in &file.paths {
            let to = resolve(&files, path);
            if to != *from {
                arrows.insert(Arrow { from: from.clone(), to, path: path.join("::") });
            }
        }
    }
    arrows
}

/// `a/b.rs` and `a/b/mod.rs` are the module `a::b`, `lib.rs` is the root.
fn module_of(path: &str) -> Module {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if path == "lib" { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}

fn join(module: &[String], names: &[String]) -> Module {
    [module, names].concat()
}

fn read(file: &Module, tokens: &[String], names: &BTreeSet<Module>) -> File {
    let mut found = File::default();
    // Modules written in the file itself, each with the number of braces that were open before.
    let mut inline: Vec<(String, usize)> = Vec::new();
    let mut open = 0;
    let mut at = 0;
    while at < tokens.len() {
        let here =
            || inline.iter().fold(file.clone(), |path, (name, _)| join(&path, std::slice::from_ref(name)));
        match tokens[at].as_str() {
            "{" => open += 1,
            "}" => {
                open -= 1;
                inline.pop_if(|(_, before)| *before == open);
            }
            "mod" if tokens.get(at + 2).is_some_and(|token| token == "{") => {
                inline.push((tokens[at + 1].clone(), open));
                at += 1;
            }
            // Not the `use<..>` of a type.
            "use" if tokens.get(at + 1).is_some_and(|token| token != "<") => {
                let end = (at..tokens.len()).find(|&i| tokens[i] == ";").unwrap_or(tokens.len());
                let mut leaves = Vec::new();
                use_tree(&tokens[at + 1..end], Vec::new(), &mut leaves);
                for (path, name) in leaves {
                    let Some(path) = absolute(&here(), &path, names) else { continue };
                    if inline.is_empty() {
                        found.imports.insert(name, path.clone());
                    }
                    found.paths.push(path);
                }
                at = end;
            }
            "crate" | "super" | "self" if tokens.get(at + 1).is_some_and(|token| token == "::") => {
                let path = path_at(&tokens[at..]);
                at += 2 * path.len() - 2;
                found.paths.extend(absolute(&here(), &path, names));
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// The names of the path that `tokens` begin with. It ends at the first name that no `::` follows, or before a `<`.
fn path_at(tokens: &[String]) -> Module {
    let is_name = |token: &String| token.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let mut path = Vec::new();
    for pair in tokens.chunks(2).take_while(|pair| is_name(&pair[0])) {
        path.push(pair[0].clone());
        if pair.get(1).is_none_or(|token| token != "::") {
            break;
        }
    }
    path
}

/// The leaves of `a::{b, c as d}`: each whole path, and the name that it brings.
fn use_tree(tokens: &[String], mut path: Module, leaves: &mut Vec<(Module, String)>) {
    let mut name = None;
    let mut at = 0;
    while at < tokens.len() {
        match tokens[at].as_str() {
            "::" => {}
            "as" => {
                name = tokens.get(at + 1).cloned();
                at += 1;
            }
            "{" => {
                for part in parts(&tokens[at + 1..]) {
                    use_tree(part, path.clone(), leaves);
                }
                return;
            }
            "self" if !path.is_empty() => {}
            token => path.push(token.to_owned()),
        }
        at += 1;
    }
    if let Some(name) = name.or_else(|| path.last().cloned()) {
        leaves.push((path, name));
    }
}

/// What stands between the commas of a group, up to its closing brace.
fn parts(tokens: &[String]) -> Vec<&[String]> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (at, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "{" => depth += 1,
            "}" if depth > 0 => depth -= 1,
            "," | "}" if depth == 0 => {
                parts.push(&tokens[start..at]);
                start = at + 1;
                if token == "}" {
                    break;
                }
            }
            _ => {}
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// The path from the crate's root; `None` for other crates.
fn absolute(here: &Module, path: &[String], names: &BTreeSet<Module>) -> Option<Module> {
    let (mut base, mut rest) = match path.first()?.as_str() {
        "crate" => (Vec::new(), &path[1..]),
        "self" => (here.clone(), &path[1..]),
        "super" => (here.clone(), path),
        child if names.contains(&join(here, &[child.to_owned()])) => (here.clone(), path),
        _ => return None,
    };
    while rest.first().is_some_and(|name| name == "super") {
        base.pop();
        rest = &rest[1..];
    }
    Some(join(&base, rest))
}

/// The file that an item is written in: imports on the way, re-exports among them, are followed.
fn resolve(files: &BTreeMap<Module, File>, path: &[String]) -> Module {
    let mut path = path.to_vec();
    // No chain of re-exports is as long; a name that stands for itself would have no end.
    for _ in 0..16 {
        let known = (0..=path.len()).rev().find(|&length| files.contains_key(&path[..length])).unwrap_or(0);
        let (module, rest) = path.split_at(known);
        let import = rest.first().and_then(|name| files.get(module)?.imports.get(name));
        match import {
            Some(import) if import != &path[..=known] => path = join(import, &rest[1..]),
            _ => return module.to_vec(),
        }
    }
    path
}
