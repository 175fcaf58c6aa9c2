//! Transparent pictures on a colour: no fringe around what they show.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::{crop_png, output, recipe};
use truecrop_core::geometry::Turn;
use truecrop_core::recipe::{Filter, Light, Recipe};

const SIDE: u32 = 48;

/// A square of one colour with two gaps in it, of hard edges, on nothing.
fn picture(color: [u8; 3]) -> Vec<u8> {
    let seen =
        |x: u32, y: u32| (10..38).contains(&x) && (10..38).contains(&y) && x != 20 && !(29..31).contains(&y);
    let pixel = |i: u32| if seen(i % SIDE, i / SIDE) { [color[0], color[1], color[2], 255] } else { [0; 4] };
    let pixels: Vec<u8> = (0..SIDE * SIDE).flat_map(pixel).collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, SIDE, SIDE);
    encoder.set_color(png::ColorType::Rgba);
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    file
}

/// Enlarged, pixel for pixel, shrunk, and turned.
fn recipes() -> Vec<(&'static str, Recipe)> {
    let upright = |side: u32| recipe(0.0, 0.0, 48.0, 48.0, output(side, side));
    let turned = |side: u32, degrees: f64| {
        let turn = Turn::from_degrees(degrees).unwrap();
        recipe(9.0, 9.0, 30.0, 30.0, output(side, side)).with_turn(turn)
    };
    vec![
        ("enlarged", upright(109)),
        ("pixel for pixel", upright(48)),
        ("shrunk a little", upright(41)),
        ("shrunk", upright(17)),
        ("turned and enlarged", turned(80, 20.0)),
        ("turned", turned(30, 45.0)),
        ("turned and shrunk", turned(13, 7.0)),
    ]
}

#[test]
fn what_has_the_colour_of_the_background_is_not_seen_on_it() {
    for (name, color) in [("#ffffff", [255; 3]), ("#808080", [128; 3]), ("#20c0f0", [0x20, 0xC0, 0xF0])] {
        let file = picture(color);
        for (kind, recipe) in recipes() {
            for filter in [Filter::Lanczos3, Filter::CatmullRom, Filter::Triangle, Filter::Box] {
                for light in [Light::Srgb, Light::Linear] {
                    let wanted = recipe.clone().with_filter(filter).with_light(light);
                    let made = crop_png(&file, &wanted.with_background(Some(name.parse().unwrap())).unwrap());
                    for pixel in made.rgb.chunks(3) {
                        let far = pixel.iter().zip(color).map(|(a, b)| a.abs_diff(b)).max().unwrap();
                        assert!(far <= 1, "{kind}, {filter:?}, {light:?}: {pixel:?} on {name}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_transparent_picture_on_a_colour_is_that_of_the_two_laid_onto_each_other_before() {
    let ground = [200, 40, 90];
    let file = picture([10, 240, 120]);
    let seen = crop_png(
        &file,
        &recipe(0.0, 0.0, 48.0, 48.0, output(SIDE, SIDE))
            .with_background(Some("#c8285a".parse().unwrap()))
            .unwrap(),
    );
    assert_eq!((seen.pixel(0, 0), seen.pixel(12, 12)), (ground, [10, 240, 120]));
    let laid = common::png_with_orientation(truecrop_core::geometry::Size::new(SIDE, SIDE), &seen.rgb, 1);
    for (kind, recipe) in recipes() {
        let on_color = recipe.clone().with_background(Some("#c8285a".parse().unwrap())).unwrap();
        let (made, want) = (crop_png(&file, &on_color), crop_png(&laid, &recipe));
        let far = made.rgb.iter().zip(&want.rgb).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(far <= 1, "{kind}: {far} levels");
    }
}
