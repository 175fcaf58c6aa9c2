//! Where a picture ends inside an output: its edge is sharp, wherever it lies.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::{crop_png, output, png_with_orientation, recipe};
use std::io::Cursor;
use std::ops::ControlFlow;
use truecrop_core::geometry::{Flip, Size, Turn};
use truecrop_core::recipe::{Filter, Light, Recipe};
use truecrop_core::{Limits, pipeline};

const FILTERS: [Filter; 4] = [Filter::Lanczos3, Filter::CatmullRom, Filter::Triangle, Filter::Box];

const BEHIND: u8 = 40;

fn on_background(recipe: Recipe) -> Recipe {
    recipe.with_background(Some("#282828".parse().unwrap())).unwrap()
}

/// A flat picture of 60 x 40.
fn flat(value: u8) -> Vec<u8> {
    png_with_orientation(Size::new(60, 40), &[value; 60 * 40 * 3], 1)
}

/// The share of output pixel `k` that lies between two positions, in output pixels.
fn share(k: u32, near: f64, far: f64) -> f64 {
    (far.min(f64::from(k) + 1.0) - near.max(f64::from(k))).clamp(0.0, 1.0)
}

#[test]
fn an_edge_weighs_each_output_pixel_by_the_part_that_is_covered() {
    let file = flat(220);
    // The crop's left, top and side, and the output's side: edges between pixels, within them, enlarged, shrunk.
    let cases = [
        (-10.0, -20.0, 80.0, 80),
        (-10.0, -20.0, 80.0, 40),
        (-10.0, -20.0, 80.0, 20),
        (-10.0, -20.0, 80.0, 8),
        (-10.0, -20.0, 80.0, 240),
        (-10.5, -20.25, 81.0, 81),
        (-11.0, -21.0, 84.0, 28),
        (-5.25, -9.75, 75.5, 33),
        (-3.0, -4.0, 20.0, 150),
        (50.0, 30.0, 20.0, 64),
    ];
    for (left, top, side, out) in cases {
        for filter in FILTERS {
            for flip in [Flip::None, Flip::Both] {
                let wanted =
                    recipe(left, top, side, side, output(out, out)).with_filter(filter).with_flip(flip);
                let made = crop_png(&file, &on_background(wanted));
                let scale = f64::from(out) / side;
                for i in 0..out * out {
                    let (u, v) = (i % out, i / out);
                    let from = |k: u32| if flip == Flip::None { k } else { out - 1 - k };
                    let across = share(from(u), -left * scale, (60.0 - left) * scale);
                    let down = share(from(v), -top * scale, (40.0 - top) * scale);
                    let want = f64::from(BEHIND) + f64::from(220 - BEHIND) * across * down;
                    let got = f64::from(made.pixel(u, v)[0]);
                    let name =
                        format!("{left}, {top}, {side} to {out}, {filter:?}, {flip:?}: pixel {u}, {v}");
                    assert!((got - want).abs() <= 1.0, "{name}: {got} for {want:.2}");
                }
            }
        }
    }
}

#[test]
fn an_edge_between_two_output_rows_is_no_seam_on_any_picture() {
    // Stripes: a filter that met nothing beside them would overshoot, or take the background in.
    let rgb: Vec<u8> = (0..60 * 40).flat_map(|i| [if i % 60 % 2 == 0 { 255 } else { 225 }; 3]).collect();
    let file = png_with_orientation(Size::new(60, 40), &rgb, 1);
    for filter in FILTERS {
        for out in [20, 40, 120] {
            let wanted = recipe(0.0, -10.0, 60.0, 60.0, output(out * 3 / 2, out * 3 / 2)).with_filter(filter);
            let wanted = wanted.with_background(Some("#000000".parse().unwrap())).unwrap();
            let made = crop_png(&file, &wanted);
            let rows = made.height;
            for v in 0..rows {
                let inside = (rows / 6..rows - rows / 6).contains(&v);
                let right = |value: u8| if inside { value >= 210 } else { value == 0 };
                assert!((0..rows).all(|u| right(made.pixel(u, v)[0])), "{filter:?}, {rows} rows: row {v}");
            }
        }
    }
}

#[test]
fn half_a_pixel_is_the_mean_in_the_light_that_was_chosen() {
    let wanted = || on_background(recipe(0.0, -1.0, 60.0, 60.0, output(30, 30)));
    for (light, want) in [(Light::Srgb, 130), (Light::Linear, 163)] {
        let made = crop_png(&flat(220), &wanted().with_light(light));
        assert_eq!(made.pixel(12, 0), [want; 3], "{light:?}");
    }
}

/// RGBA of a PNG output on a transparent background.
fn with_alpha(file: Vec<u8>, wanted: Recipe) -> Vec<[u8; 4]> {
    let wanted = wanted.with_background(Some("transparent".parse().unwrap())).unwrap();
    let cropped = pipeline::crop(Box::new(Cursor::new(file)), &wanted, &Limits::default(), &mut |_| {
        ControlFlow::Continue(())
    });
    let made = cropped.unwrap().outputs.remove(0).1;
    let mut reader = png::Decoder::new(Cursor::new(made)).read_info().unwrap();
    let mut data = vec![0; reader.output_buffer_size().unwrap()];
    assert_eq!(reader.next_frame(&mut data).unwrap().color_type, png::ColorType::Rgba);
    data.as_chunks::<4>().0.to_vec()
}

fn half_transparent() -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 60, 40);
    encoder.set_color(png::ColorType::Rgba);
    encoder.write_header().unwrap().write_image_data(&[220, 100, 30, 128].repeat(60 * 40)).unwrap();
    file
}

#[test]
fn coverage_is_alpha_and_leaves_the_colour_as_it_is() {
    for degrees in [0.0, 0.01, 17.0, 45.0, 90.0] {
        for (file, whole) in [(flat(220), 255), (half_transparent(), 128)] {
            let wanted = recipe(-11.0, -21.0, 82.0, 82.0, output(41, 41));
            let made = with_alpha(file, wanted.with_turn(Turn::from_degrees(degrees).unwrap()));
            assert_eq!(made[20 * 41 + 20][3], whole, "{degrees} degrees");
            let mut partly = 0;
            for [r, _, _, a] in made {
                assert!(a == 0 || r.abs_diff(220) <= (128 / a).max(1), "{degrees} degrees: {r} at alpha {a}");
                partly += usize::from(a > 0 && a < whole);
            }
            assert!(partly > 30, "{degrees} degrees: no pixel is covered in part");
        }
    }
}

/// The share of an output pixel that shows the picture, by many points.
fn covered(wanted: &Recipe, step: f64, from_middle: (f64, f64)) -> f64 {
    let points = 16;
    let (x, y) = wanted.crop().center();
    let inside = |i: i32| {
        let aside = |k: i32| (f64::from(k) + 0.5) / f64::from(points) - 0.5;
        let at = (from_middle.0 + aside(i % points), from_middle.1 + aside(i / points));
        let (dx, dy) = wanted.turn().undo((at.0 * step, at.1 * step));
        (0.0..60.0).contains(&(x + dx)) && (0.0..40.0).contains(&(y + dy))
    };
    (0..points * points).filter(|i| inside(*i)).count() as f64 / f64::from(points * points)
}

#[test]
fn a_turned_edge_weighs_by_area_too() {
    let file = flat(220);
    for degrees in [0.01, 0.7, 10.0, 45.0, 77.0, 180.3] {
        for (side, out) in [(84.0, 42), (84.0, 84), (84.0, 21), (42.0, 120)] {
            for filter in FILTERS {
                let wanted =
                    recipe(30.0 - side / 2.0, -side / 2.0, side, side, output(out, out)).with_filter(filter);
                let wanted = on_background(wanted.with_turn(Turn::from_degrees(degrees).unwrap()));
                let made = crop_png(&file, &wanted);
                let middle = f64::from(out) / 2.0;
                for i in 0..out * out {
                    let (u, v) = (i % out, i / out);
                    let from_middle = (f64::from(u) + 0.5 - middle, f64::from(v) + 0.5 - middle);
                    let share = covered(&wanted, side / f64::from(out), from_middle);
                    let want = f64::from(BEHIND) + f64::from(220 - BEHIND) * share;
                    let got = f64::from(made.pixel(u, v)[0]);
                    // Points count in sixteenths, and corners are taken for rectangles.
                    let within = if share == 0.0 || share == 1.0 { 8.0 } else { 24.0 };
                    let name = format!("{degrees} degrees, {side} to {out}, {filter:?}: pixel {u}, {v}");
                    assert!((got - want).abs() <= within, "{name}: {got} for {want:.1}");
                }
            }
        }
    }
}
