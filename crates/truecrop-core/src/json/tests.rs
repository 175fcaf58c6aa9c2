//! Tests of JSON against `serde_json` and the standard library's numbers.

use super::*;
use proptest::prelude::*;

fn finite() -> impl Strategy<Value = f64> {
    // all bit patterns, and the kinds that views and crops have
    prop_oneof![
        any::<u64>().prop_map(f64::from_bits),
        (-1_000_000_000_i64..1_000_000_000).prop_map(|v| v as f64 / 256.0),
        (0_u32..4000, 1_u32..4000).prop_map(|(a, b)| f64::from(a) / f64::from(b)),
        (0_u64..4096).prop_map(f64::from_bits),
        (0_u64..2047).prop_map(|field| f64::from_bits(field << 52)),
        (0_u64..2047).prop_map(|field| f64::from_bits((field << 52).wrapping_sub(1))),
    ]
    .prop_filter("finite", |v| v.is_finite())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn numbers_are_written_as_others_write_them_and_read_back(value in finite()) {
        let text = number::to_string(value);
        prop_assert_eq!(&text, &serde_json_canonicalizer::to_string(&value).unwrap());
        let back: f64 = from_slice(text.as_bytes()).unwrap();
        prop_assert_eq!(back.to_bits(), if value == 0.0 { 0 } else { value.to_bits() });
    }

    #[test]
    fn any_digits_are_the_number_that_the_standard_library_reads(text in "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,40})?(e[-+]?[0-9]{1,3})?") {
        let want: f64 = text.parse().unwrap();
        match from_slice::<f64>(text.as_bytes()) {
            Ok(got) => prop_assert_eq!(got.to_bits(), want.to_bits()),
            Err(_) => prop_assert!(want.is_infinite()),
        }
    }

    #[test]
    fn ties_and_neighbours_are_read_exactly(bits in any::<u64>(), far in 0_usize..60) {
        // the exact half way between two numbers, and a hair beside it
        let value = f64::from_bits(bits >> 1);
        prop_assume!(value.is_finite() && value > 0.0);
        let text = format!("{value:.1100}{}1", "0".repeat(far));
        prop_assert_eq!(from_slice::<f64>(text.as_bytes()).unwrap().to_bits(), text.parse::<f64>().unwrap().to_bits());
    }

    #[test]
    fn texts_are_written_and_read_back(text in any::<String>()) {
        let written = to_canonical_string(&text).unwrap();
        prop_assert_eq!(&written, &serde_json_canonicalizer::to_string(&text).unwrap());
        prop_assert_eq!(from_slice::<String>(written.as_bytes()).unwrap(), text);
    }

    #[test]
    fn what_is_read_is_what_others_read(text in "[\\[\\]{}:,\"\\\\/a-fnrtu0-9.eE+ -]{0,24}") {
        let ours = from_slice::<Vec<f64>>(text.as_bytes()).ok();
        prop_assert_eq!(ours, serde_json::from_str::<Vec<f64>>(&text).ok(), "{}", text);
        let ours = from_slice::<String>(text.as_bytes()).ok();
        prop_assert_eq!(ours, serde_json::from_str::<String>(&text).ok(), "{}", text);
    }
}

#[test]
fn nonsense_is_refused_as_by_others() {
    let cases = [
        "",
        " ",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[01]",
        "[1.]",
        "[.5]",
        "[-]",
        "[1e]",
        "[1e400]",
        "[+1]",
        "[1]x",
        "[1]]",
        "[NaN]",
        "[Infinity]",
        "[-0]",
        "[ 1 , 2 ]\n",
        "[1E+2]",
        "[-1e-400]",
        "\u{feff}[1]",
        "[1e99999999999999999999]",
        "[null]",
        "\"\\ud834\\udd1e\"",
        "\"\\ud834\"",
        "\"\\udd1e\"",
        "\"\\ud834\\u0041\"",
        "\"\\x\"",
        "\"\n\"",
        "\"\\u12\"",
        "\"",
        "\"\\",
    ];
    for text in cases {
        let ours = from_slice::<Vec<f64>>(text.as_bytes()).ok();
        assert_eq!(ours, serde_json::from_str::<Vec<f64>>(text).ok(), "{text}");
        let ours = from_slice::<String>(text.as_bytes()).ok();
        assert_eq!(ours, serde_json::from_str::<String>(text).ok(), "{text}");
    }
    assert!(from_slice::<String>(b"\"\xff\"").is_err());
    let deep = "[".repeat(100_000);
    assert!(from_slice::<crate::view::View>(deep.as_bytes()).is_err());
}

#[test]
fn members_are_sorted_and_values_kept() {
    #[derive(serde::Serialize)]
    struct Thing {
        b: u64,
        a: Option<f64>,
        list: Vec<&'static str>,
        minus: i32,
    }
    let thing = Thing { b: u64::MAX, a: None, list: vec!["x", "\u{1}\u{7f}é\u{2028}"], minus: -3 };
    assert_eq!(
        to_canonical_string(&thing).unwrap(),
        "{\"a\":null,\"b\":18446744073709551615,\"list\":[\"x\",\"\\u0001\u{7f}é\u{2028}\"],\"minus\":-3}"
    );
    let (ours, theirs): (serde_json::Value, serde_json::Value) =
        (serde_json::from_str(&to_string(&thing).unwrap()).unwrap(), serde_json::to_value(&thing).unwrap());
    assert_eq!(ours, theirs);
    assert!(to_string(&f64::NAN).is_err());
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let cases = [
        (r#"{"width":"ten","height":1}"#, "width: a string, expected u32"),
        (r#"{"width":1,"hight":1}"#, "unknown field `hight`, expected one of width, height"),
        (r#"{"width":1}"#, "missing field `height`"),
        (r#"{"width":1,"width":2}"#, "duplicate field `width`"),
    ];
    for (text, want) in cases {
        let error = from_slice::<crate::geometry::Size>(text.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), want);
        let error = from_slice::<Vec<crate::geometry::Size>>(format!("[{text}]").as_bytes()).unwrap_err();
        let place =
            want.strip_prefix("width: ").map_or(format!("[0]: {want}"), |what| format!("[0].width: {what}"));
        assert_eq!(error.to_string(), place);
    }
}
