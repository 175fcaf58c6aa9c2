//! tests/vectors/view.json says what the solver does; the element's TypeScript mirror reads the same file.
//!
//! After a wanted change of the solver, write it anew with `TRUECROP_BLESS=1 cargo test -p truecrop-core --test vectors`.

#![allow(clippy::unwrap_used)]

use serde::{Deserialize, Serialize};
use truecrop_core::geometry::{Crop, Flip, Size};
use truecrop_core::view::{Aspect, Bounds, Center, View, solve};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/view.json");

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Vector {
    name: String,
    source: Size,
    aspect: [u32; 2],
    bounds: String,
    wanted: View,
    view: View,
    crop: Crop,
    zoom: Zoom,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Zoom {
    least: f64,
    greatest: f64,
}

fn vector(name: &str, source: (u32, u32), aspect: [u32; 2], contain: bool, wanted: View) -> Vector {
    let source = Size::new(source.0, source.1);
    let bounds = if contain { Bounds::Contain } else { Bounds::Cover };
    let solved = solve(source, Aspect::new(aspect[0], aspect[1]).unwrap(), bounds, &wanted).unwrap();
    let zoom = Zoom { least: solved.zoom.least, greatest: solved.zoom.greatest };
    let bounds = if contain { "contain" } else { "cover" }.to_owned();
    Vector {
        name: name.to_owned(),
        source,
        aspect,
        bounds,
        wanted,
        view: solved.view,
        crop: solved.crop,
        zoom,
    }
}

fn vectors() -> Vec<Vector> {
    let sources = [
        ("phone", (3024, 4032)),
        ("8K", (7680, 4320)),
        ("tiny", (3, 5)),
        ("one pixel", (1, 1)),
        ("strip", (20_000, 7)),
    ];
    let aspects = [[1, 1], [16, 9], [3, 4], [851, 315]];
    let places = [
        ("middle", 0.5, 0.5),
        ("top left", 0.0, 0.0),
        ("bottom right", 1.0, 1.0),
        ("off", 0.337, 0.718),
        ("outside", -3.0, 9.0),
    ];
    let zooms = [1e-6, 1.0, 1.37, 4.0, 40.0, 1e9];
    let angles = [0.0, 90.0, 180.0, 270.0, 1.0, 33.3, -12.5, 359.0];
    let flips = [Flip::None, Flip::Horizontal, Flip::Vertical, Flip::Both];
    let mut list = Vec::new();
    let mut turn = 0;
    for (source_name, source) in sources {
        for aspect in aspects {
            for (place, x, y) in places {
                for zoom in zooms {
                    // Every fifth combination keeps the file small; angles, flips and bounds go round.
                    turn += 1;
                    if turn % 5 != 0 {
                        continue;
                    }
                    let (rotate, flip) = (angles[turn / 5 % 8], flips[turn / 7 % 4]);
                    let wanted = View { zoom, center: Center { x, y }, rotate, flip };
                    let name = format!("{source_name}, {place}, zoom {zoom}, {rotate} degrees");
                    list.push(vector(&name, source, aspect, turn % 3 == 0, wanted));
                }
            }
        }
    }
    list
}

#[test]
fn the_solver_does_what_the_vectors_say() {
    let made = vectors();
    if std::env::var_os("TRUECROP_BLESS").is_some() {
        let lines: Vec<String> = made.iter().map(|v| serde_json::to_string(v).unwrap()).collect();
        std::fs::write(FILE, format!("[\n{}\n]\n", lines.join(",\n"))).unwrap();
    }
    let kept: Vec<Vector> = serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap();
    assert_eq!(made.len(), kept.len());
    for (made, kept) in made.iter().zip(&kept) {
        assert_eq!(made, kept, "{}", kept.name);
    }
}
