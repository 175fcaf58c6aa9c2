//! The structure of each crate's modules, read from its source: no circles, and `lib.rs` in the order of the flow. That of the browser
//! side is held by `www.test.ts` beside this file.
//!
//! The rule for circles: of the files and folders that lie side by side in one folder, none may use itself through others.
//! A folder stands for everything in it. A folder's `mod.rs` (and `lib.rs`) may use its children and they may use it: it holds
//! what they share. A use of a re-exported item is a use of the file that the item is written in.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod arrows;
mod lexer;

use arrows::{Arrow, Module, arrows};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

/// The source folder of each crate, and how many arrows are found in it at least: with fewer, the test does not read what it should.
const CRATES: [(&str, usize); 4] =
    [("crates/truecrop-core/src", 500), ("crates/truecrop-server/src", 200), ("src", 5), ("fuzz/src", 10)];

#[test]
fn no_module_uses_itself_through_others() {
    for (folder, least) in CRATES {
        let circles = circles(&arrows_of(folder, least));
        assert!(
            circles.is_empty(),
            "{folder}: {} circles of modules:\n\n{}",
            circles.len(),
            circles.join("\n")
        );
    }
}

#[test]
fn each_module_of_lib_rs_uses_only_modules_above_it() {
    for (folder, least) in CRATES {
        let lib = fs::read_to_string(source_folder(folder).join("lib.rs")).unwrap();
        let wrong = against_the_flow(&lib, &arrows_of(folder, least));
        assert!(wrong.is_empty(), "{folder}/lib.rs is not in the order of the flow:\n{}", wrong.join("\n"));
    }
}

fn source_folder(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

fn arrows_of(folder: &str, least: usize) -> BTreeSet<Arrow> {
    let mut files = Vec::new();
    let root = source_folder(folder);
    collect(&root, &root, &mut files);
    let arrows = arrows(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    assert!(arrows.len() >= least, "{folder}: only {} arrows", arrows.len());
    arrows
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            files.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Of one folder: what lies in it, what each of these uses, and an arrow that shows it.
type Siblings<'a> = BTreeMap<&'a str, BTreeMap<&'a str, &'a Arrow>>;

fn siblings(arrows: &BTreeSet<Arrow>) -> BTreeMap<&[String], Siblings<'_>> {
    let mut folders: BTreeMap<&[String], Siblings<'_>> = BTreeMap::new();
    for arrow in arrows {
        let shared = arrow.from.iter().zip(&arrow.to).take_while(|(from, to)| from == to).count();
        // Where one of them is the shared folder's own mod.rs, no sibling is used.
        if let (Some(from), Some(to)) = (arrow.from.get(shared), arrow.to.get(shared)) {
            folders
                .entry(&arrow.from[..shared])
                .or_default()
                .entry(from)
                .or_default()
                .entry(to)
                .or_insert(arrow);
        }
    }
    folders
}

/// Every circle as text: the shortest through each module that is in one, and the paths that make it.
fn circles(arrows: &BTreeSet<Arrow>) -> Vec<String> {
    let mut told = Vec::new();
    for (folder, uses) in siblings(arrows) {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        for &start in uses.keys() {
            if seen.contains(start) {
                continue;
            }
            if let Some(circle) = shortest_circle(&uses, start) {
                seen.extend(&circle);
                told.push(describe(folder, &uses, &circle));
            }
        }
    }
    told
}

fn shortest_circle<'a>(uses: &Siblings<'a>, start: &'a str) -> Option<Vec<&'a str>> {
    let mut queue = VecDeque::from([vec![start]]);
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    while let Some(way) = queue.pop_front() {
        for &next in uses.get(way.last()?).into_iter().flat_map(BTreeMap::keys) {
            if next == start {
                return Some(way);
            }
            if seen.insert(next) {
                queue.push_back([way.as_slice(), &[next]].concat());
            }
        }
    }
    None
}

fn describe(folder: &[String], uses: &Siblings, circle: &[&str]) -> String {
    let name = if folder.is_empty() { "the crate".to_owned() } else { folder.join("::") };
    let names: Vec<&str> = circle.iter().copied().chain([circle[0]]).collect();
    let mut text = format!("in {name}: {}\n", names.join(" -> "));
    for pair in names.windows(2) {
        let arrow = uses[pair[0]][pair[1]];
        text += &format!("  {} uses {}\n", file_name(&arrow.from), arrow.path);
    }
    text
}

fn file_name(module: &Module) -> String {
    if module.is_empty() { "lib.rs".to_owned() } else { module.join("/") }
}

/// The `mod` lines of `lib.rs` that use a module below them, and an order that holds. Test modules do not count.
fn against_the_flow(lib: &str, arrows: &BTreeSet<Arrow>) -> Vec<String> {
    let (tokens, _) = lexer::without_tests(&lexer::tokens(lib));
    let order: Vec<&str> =
        tokens.windows(2).filter(|pair| pair[0] == "mod").map(|pair| pair[1].as_str()).collect();
    let uses = siblings(arrows).remove([].as_slice()).unwrap_or_default();
    let place = |name: &str| order.iter().position(|&other| other == name);
    let mut wrong = Vec::new();
    for (from, used) in &uses {
        for (to, arrow) in used.iter().filter(|(to, _)| place(from) < place(to)) {
            let user = file_name(&arrow.from);
            wrong.push(format!("  `mod {from}` stands above `mod {to}`, but {user} uses {}", arrow.path));
        }
    }
    if !wrong.is_empty() {
        wrong.push(format!("an order that holds: {}", an_order_that_holds(&order, &uses).join(", ")));
    }
    wrong
}

/// The modules so that each uses only those before it, as near to the given order as that can be. Those of a circle are left out.
fn an_order_that_holds<'a>(order: &[&'a str], uses: &Siblings) -> Vec<&'a str> {
    let mut placed: Vec<&str> = Vec::new();
    let is_next = |name: &&&str, placed: &[&str]| {
        !placed.contains(*name)
            && uses.get(**name).is_none_or(|used| used.keys().all(|to| placed.contains(to)))
    };
    while let Some(next) = order.iter().find(|name| is_next(name, &placed)) {
        placed.push(next);
    }
    placed
}

/// A made-up crate, and the circles that must be found in it.
struct Case {
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
    circles: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        name: "one direction",
        files: &[
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "pub struct A;"),
            ("b.rs", "use crate::a::A; pub struct B(A);"),
        ],
        circles: &[],
    },
    Case {
        name: "two files",
        files: &[
            ("color/mod.rs", "mod icc; mod space;"),
            ("color/icc.rs", "use super::space::Space;"),
            ("color/space.rs", "use super::icc::{self, Profile as P};"),
        ],
        circles: &[
            "in color: icc -> space -> icc\n  color/icc uses color::space::Space\n  color/space uses color::icc\n",
        ],
    },
    Case {
        name: "two folders, by files that do not use each other",
        files: &[
            ("color/mod.rs", "pub mod rows; mod convert;"),
            ("color/rows.rs", "pub struct Rows;"),
            ("color/convert.rs", "fn f(line: &crate::resample::line::Line) {}"),
            ("resample/mod.rs", "pub mod line; mod kernel;"),
            ("resample/line.rs", "pub struct Line;"),
            ("resample/kernel.rs", "use crate::color::rows::Rows;"),
        ],
        circles: &["in the crate: color -> resample -> color\n  color/convert uses resample::line::Line\n  \
                    resample/kernel uses color::rows::Rows\n"],
    },
    Case {
        name: "through a re-export, and three steps",
        files: &[
            ("lib.rs", "mod a; mod b; mod c; pub use a::inner::Item;"),
            ("a/mod.rs", "pub mod inner; fn f() { crate::b::f() }"),
            ("a/inner.rs", "pub struct Item;"),
            ("b.rs", "pub fn f() { crate::c::f() }"),
            ("c.rs", "use crate::{Item, Other}; pub fn f() {}"),
        ],
        circles: &["in the crate: a -> b -> c -> a\n  a uses b::f\n  b uses c::f\n  c uses Item\n"],
    },
    Case {
        name: "a parent and its children may use each other",
        files: &[
            (
                "jpeg/mod.rs",
                "mod rows; pub use rows::Rows; pub struct Shared; fn f() { rows::open(); self::rows::open() }",
            ),
            ("jpeg/rows.rs", "use super::Shared; use crate::jpeg::Shared as Again; pub struct Rows;"),
        ],
        circles: &[],
    },
    Case {
        name: "tests, comments, texts and inline modules do not mislead",
        files: &[
            (
                "a.rs",
                "// use crate::b::B;\n/* crate::b::B /* */ crate::b */ const T: &str = \"crate::b::B\"; const R: &str = r#\"\"crate::b\"#;",
            ),
            (
                "b.rs",
                "use crate::a::T; mod inner { use super::super::a::R; fn f<'a>(c: &'a u8) -> char { '\"' } }",
            ),
            ("a/tests.rs", "use crate::b::B;"),
            (
                "c.rs",
                "pub use crate::b; #[cfg(test)] #[rustfmt::skip] fn t([u8; 2]) { crate::d::f() } #[cfg(test)] mod tests { use crate::d; }",
            ),
            ("d/mod.rs", "use crate::c::X; #[cfg(test)] mod tests;"),
            ("d/tests.rs", "use crate::e::E;"),
            ("e.rs", "use crate::d::D;"),
        ],
        circles: &["in the crate: a -> b -> a\n  a/tests uses b::B\n  b uses a::R\n"],
    },
];

#[test]
fn made_up_crates_have_the_circles_that_they_have() {
    for Case { name, files, circles: expected } in CASES {
        let found = circles(&arrows(files.iter().copied()));
        assert_eq!(found, *expected, "{name}");
    }
}

#[test]
fn made_up_crates_are_held_to_the_order_of_their_lib_rs() {
    let files = [
        ("lib.rs", "mod above; #[cfg(test)] mod samples; mod below;"),
        ("above.rs", "use crate::below::B;"),
        ("below.rs", ""),
    ];
    let expected = [
        "  `mod above` stands above `mod below`, but above uses below::B",
        "an order that holds: below, above",
    ];
    assert_eq!(against_the_flow(files[0].1, &arrows(files)), expected);
    assert!(against_the_flow("mod below; mod above;", &arrows(files)).is_empty());
}
