//! Every output pixel shows the place that the definition says: output (u, v) from the frame's centre shows the
//! source at `c + F R(-rotate)(u, v)`, in oriented pixels, for all orientations, flips and quarter turns.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::{crop_png, output, png_with_orientation, recipe};
use truecrop_core::Code;
use truecrop_core::geometry::{Crop, Flip, Orientation, Size, Turn};
use truecrop_core::recipe::Filter;

/// A pixel that tells its own place.
fn mark(x: u32, y: u32) -> [u8; 3] {
    [(x * 11 + 3) as u8, (y * 13 + 5) as u8, (x * 7 + y * 17) as u8]
}

/// The stored pixels of a picture whose oriented pixels are `mark`.
fn stored_picture(oriented: Size, orientation: Orientation) -> (Size, Vec<u8>) {
    let stored = orientation.apply(oriented);
    let mut pixels = vec![0; stored.pixels() as usize * 3];
    for y in 0..oriented.height {
        for x in 0..oriented.width {
            let cell = |v: u32| i64::from(v) * 256;
            let one = Crop::from_edges(cell(x), cell(y), cell(x + 1), cell(y + 1)).unwrap();
            let place = orientation.to_stored(&one, stored).unwrap();
            let at = (place.y() as u32 * stored.width + place.x() as u32) as usize * 3;
            pixels[at..at + 3].copy_from_slice(&mark(x, y));
        }
    }
    (stored, pixels)
}

#[test]
fn quarter_turns_flips_and_orientations_land_exactly() {
    let oriented = Size::new(13, 9);
    for value in 1..=8 {
        let orientation = Orientation::new(value).unwrap();
        let (stored, pixels) = stored_picture(oriented, orientation);
        let file = png_with_orientation(stored, &pixels, value);
        for flip in [Flip::None, Flip::Horizontal, Flip::Vertical, Flip::Both] {
            for degrees in [0.0, 90.0, 180.0, 270.0] {
                for filter in [Filter::Lanczos3, Filter::Box] {
                    check_one(
                        &file,
                        flip,
                        degrees,
                        filter,
                        &format!("orientation {value}, {flip:?}, {degrees}, {filter:?}"),
                    );
                }
            }
        }
    }
}

fn check_one(file: &[u8], flip: Flip, degrees: f64, filter: Filter, name: &str) {
    let turn = Turn::from_degrees(degrees).unwrap();
    // 4 x 6 about (7, 5): inside the picture whichever way it is turned.
    let (left, top, width, height) = (5.0, 2.0, 4u32, 6u32);
    let wanted = recipe(left, top, f64::from(width), f64::from(height), output(width, height));
    let wanted = wanted.with_turn(turn).with_flip(flip).with_filter(filter);
    let raster = crop_png(file, &wanted);
    for v in 0..height {
        for u in 0..width {
            let from_centre =
                (f64::from(u) + 0.5 - f64::from(width) / 2.0, f64::from(v) + 0.5 - f64::from(height) / 2.0);
            let (mut x, mut y) = turn.undo(from_centre);
            if flip.horizontal() {
                x = -x;
            }
            if flip.vertical() {
                y = -y;
            }
            let want = mark((x + 7.0).floor() as u32, (y + 5.0).floor() as u32);
            assert_eq!(raster.pixel(u, v), want, "{name}: pixel {u}, {v}");
        }
    }
}

#[test]
fn the_corners_of_a_picture_are_exactly_its_corner_pixels() {
    let size = Size::new(64, 48);
    let (_, pixels) = stored_picture(size, Orientation::NORMAL);
    let file = png_with_orientation(size, &pixels, 1);
    for (name, x, y) in
        [("top left", 0, 0), ("top right", 63, 0), ("bottom left", 0, 47), ("bottom right", 63, 47)]
    {
        // Zoomed in to the extreme: one source pixel, enlarged, and nothing of its neighbours.
        let raster = crop_png(&file, &recipe(x.into(), y.into(), 1.0, 1.0, output(33, 33)));
        for (u, v) in [(0, 0), (32, 0), (0, 32), (32, 32), (16, 16)] {
            assert_eq!(raster.pixel(u, v), mark(x, y), "{name}: pixel {u}, {v}");
        }
    }
}

#[test]
fn a_background_shows_only_outside_the_picture() {
    let size = Size::new(8, 4);
    let (_, pixels) = stored_picture(size, Orientation::NORMAL);
    let file = png_with_orientation(size, &pixels, 1);
    let wanted = recipe(0.0, -2.0, 8.0, 8.0, output(8, 8));
    let wanted = wanted.with_background(Some("#102030".parse().unwrap())).unwrap();
    let raster = crop_png(&file, &wanted);
    for v in 0..8 {
        for u in 0..8 {
            let want = if (2..6).contains(&v) { mark(u, v - 2) } else { [0x10, 0x20, 0x30] };
            assert_eq!(raster.pixel(u, v), want, "pixel {u}, {v}");
        }
    }
}

#[test]
fn a_crop_beside_the_picture_shows_the_background_there() {
    let size = Size::new(13, 9);
    let (stored, pixels) = stored_picture(size, Orientation::new(6).unwrap());
    let file = png_with_orientation(stored, &pixels, 6);
    let background = [200, 10, 30];
    for (left, top) in [(-4, -3), (8, 5), (-4, 5), (8, -3), (-9, 0), (12, 8), (2, 2)] {
        let wanted = recipe(f64::from(left), f64::from(top), 10.0, 8.0, output(10, 8));
        let wanted = wanted.with_background(Some("#c80a1e".parse().unwrap())).unwrap();
        let made = crop_png(&file, &wanted);
        for v in 0..8 {
            for u in 0..10 {
                let (x, y) = (left + u, top + v);
                let inside = (0..13).contains(&x) && (0..9).contains(&y);
                let want = if inside { mark(x as u32, y as u32) } else { background };
                assert_eq!(made.pixel(u as u32, v as u32), want, "crop at {left}, {top}; pixel {u}, {v}");
            }
        }
    }
}

#[test]
fn a_crop_far_away_is_refused() {
    let source = Size::new(13, 9);
    for (left, top, side) in
        [(-10.0, 0.0, 10.0), (13.0, 0.0, 10.0), (0.0, 9.0, 10.0), (-500.0, -500.0, 1000.0)]
    {
        let wanted = recipe(left, top, side, side, output(10, 10));
        let wanted = wanted.with_background(Some("#c80a1e".parse().unwrap())).unwrap();
        let refused = wanted.view(source).unwrap_err();
        assert_eq!(refused.code(), Code::CropOutsideSource, "{left}, {top}");
    }
}
