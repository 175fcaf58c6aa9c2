//! Crops at any angle, against a picture that is known at every point and not only at its pixels.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::{Pixels, crop_png, output, png_with_orientation, recipe};
use truecrop_core::geometry::{Size, Turn};
use truecrop_core::recipe::Recipe;

const SOURCE: Size = Size::new(300, 260);

/// Waves that are slow enough to be known between pixels too; each channel its own.
fn picture(x: f64, y: f64) -> [f64; 3] {
    [
        128.0 + 90.0 * (x / 7.0 + y / 31.0).sin(),
        128.0 + 90.0 * (y / 8.0 - x / 23.0).cos(),
        128.0 + 60.0 * (x / 9.0).sin() + 60.0 * (y / 9.0).cos(),
    ]
}

fn file() -> Vec<u8> {
    let mut rgb = Vec::new();
    for y in 0..SOURCE.height {
        for x in 0..SOURCE.width {
            rgb.extend(picture(f64::from(x) + 0.5, f64::from(y) + 0.5).map(|v| v.round() as u8));
        }
    }
    png_with_orientation(SOURCE, &rgb, 1)
}

/// PSNR in dB of what was made against the picture shown from (dx, dy) source pixels aside.
fn psnr(made: &Pixels, recipe: &Recipe, dx: f64, dy: f64) -> f64 {
    let (cx, cy) = recipe.crop().center();
    let step =
        (recipe.crop().width() / f64::from(made.width), recipe.crop().height() / f64::from(made.height));
    let mut error = 0.0;
    for v in 0..made.height {
        for u in 0..made.width {
            let from_centre = (
                (f64::from(u) + 0.5 - f64::from(made.width) / 2.0) * step.0,
                (f64::from(v) + 0.5 - f64::from(made.height) / 2.0) * step.1,
            );
            let (x, y) = recipe.turn().undo(from_centre);
            let want = picture(cx + x + dx, cy + y + dy);
            let got = made.pixel(u, v);
            error += (0..3).map(|c| (f64::from(got[c]) - want[c]).powi(2)).sum::<f64>();
        }
    }
    10.0 * (255.0f64.powi(2) * f64::from(made.width * made.height) * 3.0 / error).log10()
}

#[test]
fn turned_crops_show_the_right_place_sharply() {
    let file = file();
    // angle, crop side, output side, least dB
    let cases = [
        (0.0, 120.0, 120, 50.0),
        (1.0, 120.0, 120, 50.0),
        (33.3, 120.0, 120, 50.0),
        (45.0, 120.25, 120, 50.0),
        (200.7, 120.0, 240, 50.0),
        (300.1, 150.0, 75, 48.0),
        (77.0, 160.0, 50, 44.0),
    ];
    for (angle, side, out, least) in cases {
        let wanted = recipe(71.5, 53.25, side, side, output(out, out));
        let wanted = wanted.with_turn(Turn::from_degrees(angle).unwrap());
        let made = crop_png(&file, &wanted);
        let db = psnr(&made, &wanted, 0.0, 0.0);
        assert!(db >= least, "{angle} degrees, {side} to {out}: {db:.1} dB");
        // If the result lay a little aside, one of these would fit better.
        let aside = side / f64::from(out) * 0.05;
        for (dx, dy) in [(aside, 0.0), (-aside, 0.0), (0.0, aside), (0.0, -aside)] {
            assert!(
                psnr(&made, &wanted, dx, dy) < db,
                "{angle} degrees, {side} to {out}: lies aside by {dx}, {dy}"
            );
        }
    }
}

#[test]
fn a_turn_within_a_flat_picture_leaves_no_ring_and_no_dark_corner() {
    let size = Size::new(90, 70);
    let file = png_with_orientation(size, &[200; 90 * 70 * 3], 1);
    for angle in [0.5, 12.0, 45.0, 89.9, 135.0] {
        let turn = Turn::from_degrees(angle).unwrap();
        let view = truecrop_core::view::View { rotate: angle, ..Default::default() };
        let aspect = truecrop_core::view::Aspect::new(4, 3).unwrap();
        let solved =
            truecrop_core::view::solve(size, aspect, truecrop_core::view::Bounds::Cover, &view).unwrap();
        let crop = solved.crop;
        let wanted = recipe(crop.x(), crop.y(), crop.width(), crop.height(), output(40, 30)).with_turn(turn);
        let made = crop_png(&file, &wanted);
        assert!(made.rgb.iter().all(|v| *v == 200), "{angle} degrees");
    }
}
