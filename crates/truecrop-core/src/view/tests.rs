//! Tests of the solver: bounds, turning, saved views.

use super::*;
use proptest::prelude::*;

fn view(zoom: f64, x: f64, y: f64, rotate: f64) -> View {
    View { zoom, center: Center { x, y }, rotate, flip: Flip::None }
}

fn solve_cover(w: u32, h: u32, aspect: (u32, u32), wanted: &View) -> Solved {
    let aspect = Aspect::new(aspect.0, aspect.1).unwrap();
    solve(Size::new(w, h), aspect, Bounds::Cover, wanted).unwrap()
}

/// source, frame, view -> x, y, width, height
#[test]
fn known_views_give_known_crops() {
    #[rustfmt::skip]
    let cases = [
        ("whole square", 100, 100, (1, 1), view(1.0, 0.5, 0.5, 0.0), [0.0, 0.0, 100.0, 100.0]),
        ("cover landscape", 200, 100, (1, 1), view(1.0, 0.5, 0.5, 0.0), [50.0, 0.0, 100.0, 100.0]),
        ("cover portrait", 100, 200, (1, 1), view(1.0, 0.5, 0.5, 0.0), [0.0, 50.0, 100.0, 100.0]),
        ("top left", 200, 100, (1, 1), view(2.0, 0.0, 0.0, 0.0), [0.0, 0.0, 50.0, 50.0]),
        ("bottom right", 200, 100, (1, 1), view(2.0, 1.0, 1.0, 0.0), [150.0, 50.0, 50.0, 50.0]),
        ("far outside is brought back", 200, 100, (1, 1), view(2.0, 9.0, -9.0, 0.0), [150.0, 0.0, 50.0, 50.0]),
        ("zoomed in to the extreme", 200, 100, (1, 1), view(1e9, 0.5, 0.5, 0.0), [99.5, 49.5, 1.0, 1.0]),
        ("zoomed out to the extreme", 200, 100, (1, 1), view(1e-9, 0.5, 0.5, 0.0), [50.0, 0.0, 100.0, 100.0]),
        ("quarter turn", 200, 100, (2, 1), view(1.0, 0.5, 0.5, 90.0), [50.0, 25.0, 100.0, 50.0]),
        ("one pixel", 1, 1, (16, 9), view(1.0, 0.5, 0.5, 0.0), [0.0, 0.21875, 1.0, 0.5625]),
    ];
    for (name, w, h, aspect, wanted, want) in cases {
        let crop = solve_cover(w, h, aspect, &wanted).crop;
        assert_eq!([crop.x(), crop.y(), crop.width(), crop.height()], want, "{name}");
    }
}

#[test]
fn contain_shows_the_whole_picture() {
    let square = Aspect::new(1, 1).unwrap();
    let solved = solve(Size::new(200, 100), square, Bounds::Contain, &view(0.01, 0.5, 0.5, 0.0)).unwrap();
    assert_eq!((solved.crop.x(), solved.crop.y()), (0.0, -50.0));
    assert_eq!((solved.crop.width(), solved.crop.height()), (200.0, 200.0));
    assert_eq!(solved.view.zoom, 0.5);
}

#[test]
fn nonsense_is_refused() {
    let square = Aspect::new(1, 1).unwrap();
    for wanted in [
        view(0.0, 0.5, 0.5, 0.0),
        view(-1.0, 0.5, 0.5, 0.0),
        view(f64::NAN, 0.5, 0.5, 0.0),
        view(1.0, f64::INFINITY, 0.5, 0.0),
        view(1.0, 0.5, f64::NAN, 0.0),
        view(1.0, 0.5, 0.5, f64::NAN),
    ] {
        let error = solve(Size::new(10, 10), square, Bounds::Cover, &wanted).unwrap_err();
        assert_eq!(error.code(), Code::InvalidView, "{wanted:?}");
    }
    assert!(Aspect::new(0, 1).is_err());
}

#[test]
fn a_full_turn_by_single_degrees_comes_back_to_the_start() {
    // The wanted view is kept; each step only changes its angle. Nothing may accumulate.
    let mut wanted = view(1.2, 0.31, 0.77, 0.0);
    let start = solve_cover(4000, 3000, (4, 3), &wanted);
    for _ in 0..360 {
        wanted.rotate += 1.0;
        solve_cover(4000, 3000, (4, 3), &wanted);
    }
    assert_eq!(solve_cover(4000, 3000, (4, 3), &wanted), start);
}

/// Corners of the turned crop in pixels, by the definition in the module's documentation.
fn corners(crop: &Crop, turn: Turn) -> [(f64, f64); 4] {
    let (cx, cy) = crop.center();
    let (w, h) = (crop.width() / 2.0, crop.height() / 2.0);
    [(-w, -h), (w, -h), (-w, h), (w, h)].map(|corner| {
        let (x, y) = turn.undo(corner);
        (cx + x, cy + y)
    })
}

fn any_view() -> impl Strategy<Value = View> {
    let flip = prop_oneof![Just(Flip::None), Just(Flip::Horizontal), Just(Flip::Vertical), Just(Flip::Both)];
    let rotate = prop_oneof![Just(0.0), Just(90.0), Just(180.0), -720.0..720.0f64];
    (0.01..1e5f64, -0.5..1.5f64, -0.5..1.5f64, rotate, flip).prop_map(|(zoom, x, y, rotate, flip)| View {
        zoom,
        center: Center { x, y },
        rotate,
        flip,
    })
}

fn side() -> impl Strategy<Value = u32> {
    prop_oneof![1..20u32, 1..5000u32, Just(65_535)]
}

proptest! {
    #[test]
    fn corners_stay_inside_at_any_angle(w in side(), h in side(), aw in 1..2000u32, ah in 1..2000u32, wanted in any_view()) {
        let solved = solve_cover(w, h, (aw, ah), &wanted);
        let turn = Turn::from_degrees(wanted.rotate).unwrap();
        // A crop of one grid step can be too large for a picture of one pixel at extreme shapes; that is its least.
        if solved.crop.right() - solved.crop.left() > 1 {
            for (x, y) in corners(&solved.crop, turn) {
                let slack = 1e-9;
                prop_assert!(x >= -slack && x <= f64::from(w) + slack, "x {x} of {w}");
                prop_assert!(y >= -slack && y <= f64::from(h) + slack, "y {y} of {h}");
            }
        }
    }

    #[test]
    fn solving_a_solved_view_changes_nothing(
        w in side(), h in side(), aw in 1..2000u32, ah in 1..2000u32, wanted in any_view(), contain in any::<bool>()
    ) {
        let bounds = if contain { Bounds::Contain } else { Bounds::Cover };
        let (size, aspect) = (Size::new(w, h), Aspect::new(aw, ah).unwrap());
        let once = solve(size, aspect, bounds, &wanted).unwrap();
        let twice = solve(size, aspect, bounds, &once.view).unwrap();
        prop_assert_eq!(&once, &twice);
        let json = serde_json::to_string(&once.view).unwrap();
        let read: View = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(read, once.view);
    }

    #[test]
    fn a_crop_gives_its_view_and_the_view_the_crop(w in side(), h in side(), aw in 1..2000u32, ah in 1..2000u32, wanted in any_view()) {
        let size = Size::new(w, h);
        let solved = solve_cover(w, h, (aw, ah), &wanted);
        let turn = Turn::from_degrees(wanted.rotate).unwrap();
        let view = view_of_crop(size, Size::new(aw, ah), Bounds::Cover, &solved.crop, turn, wanted.flip).unwrap();
        prop_assert_eq!(&view, &solved.view);
        prop_assert!(agrees(size, Size::new(aw, ah), Bounds::Cover, &view, &solved.crop).unwrap());
    }

    #[test]
    fn the_zoom_range_is_reached_at_both_ends(w in 2..5000u32, h in 2..5000u32, rotate in 0.0..360.0f64) {
        let out = solve_cover(w, h, (1, 1), &view(1e-6, 0.5, 0.5, rotate));
        let near = solve_cover(w, h, (1, 1), &view(1e9, 0.5, 0.5, rotate));
        prop_assert_eq!(out.view.zoom, out.zoom.least);
        prop_assert_eq!(near.view.zoom, near.zoom.greatest);
        prop_assert!(near.crop.width() >= 1.0 || out.crop.width() < 1.0);
    }
}
