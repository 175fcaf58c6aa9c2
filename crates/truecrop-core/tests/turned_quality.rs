//! Crops at any angle against a reference in floating point, whose filter lies along the output's axes.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::{Pixels, crop_png, output, png_with_orientation, recipe};
use std::f64::consts::PI;
use truecrop_core::geometry::{Flip, Size, Turn};
use truecrop_core::recipe::Recipe;

/// Gray values.
struct Picture {
    width: usize,
    height: usize,
    gray: Vec<f64>,
}

impl Picture {
    fn new(width: usize, height: usize, value: impl Fn(f64, f64) -> f64) -> Self {
        let at = |i: usize| value((i % width) as f64 + 0.5, (i / width) as f64 + 0.5).round();
        Self { width, height, gray: (0..width * height).map(at).collect() }
    }

    /// Rings that are finer the further out they are: at the middle of each side as fine as pixels can be.
    fn zone_plate(side: usize) -> Self {
        let half = side as f64 / 2.0;
        let ring = |x: f64, y: f64| (PI * ((x - half).powi(2) + (y - half).powi(2)) / side as f64).cos();
        Self::new(side, side, |x, y| 127.5 + 120.0 * ring(x, y))
    }

    /// A photograph's green.
    fn photograph() -> Self {
        let file =
            std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/hubble.jpg")).unwrap();
        let whole = crop_png(&file, &recipe(0.0, 0.0, 1000.0, 872.0, output(1000, 872)));
        let gray = whole.rgb.chunks(3).map(|p| f64::from(p[1])).collect();
        Self { width: 1000, height: 872, gray }
    }

    fn file(&self) -> Vec<u8> {
        let rgb: Vec<u8> = self.gray.iter().flat_map(|v| [*v as u8; 3]).collect();
        png_with_orientation(Size::new(self.width as u32, self.height as u32), &rgb, 1)
    }

    /// A crop of its middle.
    fn crop(&self, side: f64, out: u32, degrees: f64) -> Recipe {
        self.stretched([side; 2], out, degrees)
    }

    /// The same, of another shape than its square output.
    fn stretched(&self, [width, height]: [f64; 2], out: u32, degrees: f64) -> Recipe {
        let edge = |whole: usize, side: f64| ((whole as f64 - side) * 128.0).round() / 256.0;
        let (x, y) = (edge(self.width, width), edge(self.height, height));
        turned(recipe(x, y, width, height, output(out, out)), degrees)
    }

    /// What the recipe shows at an output pixel: the weighted mean of every pixel under a Lanczos filter that lies along
    /// the output's axes.
    fn ideal(&self, recipe: &Recipe, out: u32, u: u32, v: u32) -> f64 {
        let steps = [recipe.crop().width(), recipe.crop().height()].map(|side| side / f64::from(out));
        let wide = steps.map(|step| step.max(1.0));
        let place = |at: u32, step: f64| (f64::from(at) + 0.5 - f64::from(out) / 2.0) * step;
        let (x, y) = recipe.turn().undo((place(u, steps[0]), place(v, steps[1])));
        let (x, y) = (recipe.crop().center().0 + x, recipe.crop().center().1 + y);
        let (cos, sin) = (recipe.turn().cos(), recipe.turn().sin());
        let reach = 3.0 * wide[0].max(wide[1]) * (cos.abs() + sin.abs()) + 1.0;
        let range =
            |at: f64, side: usize| (at - reach).max(0.0) as usize..((at + reach) as usize + 1).min(side);
        let (mut sum, mut total) = (0.0, 0.0);
        for j in range(y, self.height) {
            let dy = j as f64 + 0.5 - y;
            for i in range(x, self.width) {
                let dx = i as f64 + 0.5 - x;
                let (p, q) = ((cos * dx - sin * dy) / wide[0], (sin * dx + cos * dy) / wide[1]);
                if p.abs() < 3.0 && q.abs() < 3.0 {
                    let weight = lanczos(p) * lanczos(q);
                    total += weight;
                    sum += weight * self.gray[j * self.width + i];
                }
            }
        }
        (sum / total).clamp(0.0, 255.0)
    }
}

fn lanczos(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { 3.0 * (PI * x).sin() * (PI * x / 3.0).sin() / (PI * x).powi(2) }
}

fn turned(recipe: Recipe, degrees: f64) -> Recipe {
    recipe.with_turn(Turn::from_degrees(degrees).unwrap())
}

/// PSNR in dB, without the pixels at the output's edge.
fn psnr(picture: &Picture, made: &Pixels, recipe: &Recipe, edge: u32) -> f64 {
    let (mut error, mut count) = (0.0, 0.0);
    for v in edge..made.height - edge {
        for u in edge..made.width - edge {
            let ideal = picture.ideal(recipe, made.width, u, v);
            error += (f64::from(made.pixel(u, v)[1]) - ideal).powi(2);
            count += 1.0;
        }
    }
    10.0 * (255.0f64.powi(2) * count / error.max(1e-9)).log10()
}

const ANGLES: [f64; 10] = [0.01, 1.0, 3.0, 5.9, 15.0, 30.0, 45.0, 60.0, 89.9, 135.0];

#[test]
fn turned_outputs_are_those_of_the_filter_along_their_own_axes() {
    // source pixels per output pixel, least dB of the photograph and of the zone plate
    let cases = [
        (1.0, 56.0, 55.0),
        (1.3, 56.0, 55.0),
        (2.0, 55.0, 54.0),
        (3.0, 54.0, 52.0),
        (4.7, 53.0, 48.0),
        (8.0, 53.0, 0.0),
        (16.0, 53.0, 0.0),
    ];
    let pictures = [Picture::photograph(), Picture::zone_plate(400)];
    for (which, picture) in pictures.iter().enumerate() {
        let file = picture.file();
        for (shrink, photo, zone) in cases {
            let least = [photo, zone][which];
            for degrees in ANGLES {
                let side = f64::from(24 - 8 * which as u32) * shrink;
                if least == 0.0 {
                    continue;
                }
                let wanted = picture.crop(side, 24 - 8 * which as u32, degrees);
                let made = crop_png(&file, &wanted);
                // Near a quarter turn what lies outside the crop counts less than in the reference.
                let edge = if (2.0 * degrees.to_radians()).sin().abs() < 0.035 { 4 } else { 0 };
                let db = psnr(picture, &made, &wanted, edge);
                assert!(db >= least, "picture {which}, {shrink}:1, {degrees} degrees: {db:.1} dB");
            }
        }
    }
}

#[test]
fn a_stretched_crop_is_filtered_by_each_axis_own_scale() {
    // source pixels per output pixel along both axes
    let cases = [[1.0, 1.5], [3.0, 2.0], [0.7, 2.0], [5.0, 1.2], [4.0, 12.0]];
    let picture = Picture::photograph();
    let file = picture.file();
    for shrink in cases {
        for degrees in [0.5, 3.0, 17.0, 45.0, 70.0] {
            let wanted = picture.stretched(shrink.map(|s| 24.0 * s), 24, degrees);
            let db = psnr(&picture, &crop_png(&file, &wanted), &wanted, 3);
            assert!(db >= 56.0, "{shrink:?} to 1, {degrees} degrees: {db:.1} dB");
        }
    }
}

#[test]
fn stripes_that_an_output_cannot_show_vanish_at_any_angle() {
    // periods per output pixel, the least and the most of their amplitude that may be left
    let cases = [(0.3, 0.95, 1.05), (0.4, 0.77, 1.0), (0.65, 0.0, 0.09), (0.8, 0.0, 0.03), (0.95, 0.0, 0.03)];
    for shrink in [1.0, 1.7, 4.0] {
        for degrees in [3.0, 30.0, 45.0, 80.0] {
            for (frequency, least, most) in cases.into_iter().filter(|c| c.0 / shrink < 0.48) {
                let turn = Turn::from_degrees(degrees).unwrap();
                let phase = |x: f64, y: f64| {
                    let (u, _) = turn.apply((x - 150.0, y - 150.0));
                    2.0 * PI * frequency / shrink * u
                };
                let picture = Picture::new(300, 300, |x, y| 128.0 + 100.0 * phase(x, y).cos());
                let made = crop_png(&picture.file(), &picture.crop(32.0 * shrink, 32, degrees));
                let square: f64 = made.rgb.iter().map(|v| (f64::from(*v) - 128.0).powi(2)).sum();
                let gain = (2.0 * square / made.rgb.len() as f64).sqrt() / 100.0;
                let name = format!("{frequency} periods, {shrink}:1, {degrees} degrees: {gain:.3}");
                assert!((least..=most).contains(&gain), "{name}");
            }
        }
    }
}

/// Where the weight of all pixels lies, from the middle.
fn centroid(width: usize, height: usize, value: impl Fn(usize) -> f64) -> (f64, f64) {
    let (mut x, mut y, mut total) = (0.0, 0.0, 0.0);
    for i in 0..width * height {
        x += value(i) * ((i % width) as f64 + 0.5 - width as f64 / 2.0);
        y += value(i) * ((i / width) as f64 + 0.5 - height as f64 / 2.0);
        total += value(i);
    }
    (x / total, y / total)
}

#[test]
fn turned_outputs_show_the_right_place_to_a_hundredth_of_a_pixel() {
    for shrink in [0.5, 1.0, 1.6, 2.5, 6.0] {
        for (degrees, aside) in
            [(0.01, 0.0), (2.0, 0.37), (20.0, -0.21), (45.0, 0.5), (100.0, 0.13), (271.0, -0.4)]
        {
            let (spread, out) = (3.0 * f64::max(shrink, 1.0), if shrink < 1.0 { 48 } else { 24 });
            let bump = |x: f64, y: f64| {
                let (x, y) = (x - 120.0 - aside * shrink, y - 120.0 + aside * shrink / 2.0);
                250.0 * (-(x * x + y * y) / (2.0 * spread * spread)).exp()
            };
            let picture = Picture::new(240, 240, bump);
            let made = crop_png(&picture.file(), &picture.crop(f64::from(out) * shrink, out, degrees));
            let (u, v) = centroid(out as usize, out as usize, |i| f64::from(made.rgb[i * 3]));
            // of the picture's own pixels, because rounding them has moved it
            let (x, y) = centroid(240, 240, |i| picture.gray[i]);
            let (want_u, want_v) = Turn::from_degrees(degrees).unwrap().apply((x / shrink, y / shrink));
            let off = (u - want_u).abs().max((v - want_v).abs());
            assert!(off < 0.01, "{shrink}:1, {degrees} degrees, {aside} aside: {off:.4} pixels off");
        }
    }
}

/// The largest difference in the outer three pixels.
fn ring_jump(a: &Pixels, b: &Pixels) -> u8 {
    let size = a.width;
    let outer = |i: &u32| {
        let near = |v: u32| v < 3 || v >= size - 3;
        near(i % size) || near(i / size)
    };
    let differ = |i: u32| {
        (0..3).map(|c| a.pixel(i % size, i / size)[c].abs_diff(b.pixel(i % size, i / size)[c])).max()
    };
    (0..size * size).filter(outer).filter_map(differ).max().unwrap()
}

#[test]
fn the_edge_of_a_crop_does_not_jump_when_it_is_turned_by_a_hundredth_of_a_degree() {
    let inside = |v: f64| (100.0..300.0).contains(&v);
    let picture = Picture::new(400, 400, |x, y| if inside(x) && inside(y) { 40.0 } else { 230.0 });
    let file = picture.file();
    // side of the crop, which ends at the bright part or within the last dark pixel; output side
    for side in [200.0, 199.5] {
        for out in [400, 200, 150, 100, 80, 44, 25] {
            let straight = crop_png(&file, &picture.crop(side, out, 0.0));
            assert!(straight.rgb.iter().all(|v| *v == 40), "{side} to {out} shows what lies beside the crop");
            for quarter in [0.0, 90.0, 180.0] {
                for degrees in [quarter - 0.01, quarter + 0.01] {
                    let made = crop_png(&file, &picture.crop(side, out, degrees));
                    let jump = ring_jump(&straight, &made);
                    assert!(jump <= 4, "{side} to {out}, {degrees} degrees: {jump} levels");
                }
            }
        }
    }
}

#[test]
fn a_mirrored_turn_gives_the_mirrored_pixels() {
    let picture = Picture::zone_plate(200);
    let file = picture.file();
    for (side, out) in [(60.0, 90), (60.25, 60), (100.0, 40), (130.0, 23)] {
        for degrees in [0.01, 0.5, 20.0, 45.0, 111.1] {
            let plain = crop_png(&file, &picture.crop(side, out, degrees));
            for flip in [Flip::Horizontal, Flip::Vertical] {
                let made = crop_png(&file, &picture.crop(side, out, -degrees).with_flip(flip));
                let mirrored = |u: u32, v: u32| match flip {
                    Flip::Horizontal => plain.pixel(out - 1 - u, v),
                    _ => plain.pixel(u, out - 1 - v),
                };
                for i in 0..out * out {
                    let (u, v) = (i % out, i / out);
                    assert_eq!(
                        made.pixel(u, v),
                        mirrored(u, v),
                        "{side} to {out}, {degrees}, {flip:?}: {u}, {v}"
                    );
                }
            }
        }
    }
}
