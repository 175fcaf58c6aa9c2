use super::*;
use crate::limits::Limits;
use crate::receipt::Receipt;
use proptest::prelude::*;
use serde_json::{Value, json};

fn policy(json: &Value) -> Policy {
    Policy::from_json(json.to_string().as_bytes()).unwrap()
}

/// A receipt that says what it is asked to: a policy looks at nothing else.
fn receipt(change: impl FnOnce(&mut Value)) -> Receipt {
    let digest = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
    let mut json = json!({
        "truecrop": 1, "pixels": crate::PIXELS, "engine": "0",
        "source": { "format": "jpeg", "bytes": 5000, "width": 800, "height": 600, "orientation": 1, "digest": digest, "decoder": "core" },
        "view": { "zoom": 1, "center": { "x": 0.5, "y": 0.5 }, "rotate": 0, "flip": "none" },
        "crop": { "x": 0, "y": 0, "width": 400, "height": 400 },
        "outputs": [{ "name": "main", "width": 200, "height": 200, "format": "jpeg", "quality": 80, "bytes": 1000, "digest": digest }],
        "digest": digest,
    });
    change(&mut json);
    Receipt::from_json(json.to_string().as_bytes(), &Limits::default()).unwrap()
}

/// A rule that the receipt breaks by as little as possible, one that it just keeps, and the field that is told.
#[test]
fn every_rule_is_held_and_named() {
    let rows = [
        (json!({"aspects": ["3:2"]}), json!({"aspects": ["3:2", "2:2"]}), "outputs[0]"),
        (json!({"sizes": ["200x201"]}), json!({"sizes": ["200x201", "200x200"]}), "outputs[0]"),
        (json!({"formats": ["png", "webp"]}), json!({"formats": ["png", "jpeg"]}), "outputs[0].format"),
        (json!({"masks": ["ellipse"]}), json!({"masks": ["ellipse", "none"]}), "outputs[0].mask"),
        (json!({"outputNames": ["cover"]}), json!({"outputNames": ["cover", "main"]}), "outputs[0].name"),
        (json!({"minOutputSide": 201}), json!({"minOutputSide": 200}), "outputs[0].width"),
        (json!({"maxOutputSide": 199}), json!({"maxOutputSide": 200}), "outputs[0].width"),
        (json!({"maxOutputBytes": 999}), json!({"maxOutputBytes": 1000}), "outputs[0].bytes"),
        (json!({"minQuality": 81}), json!({"minQuality": 80}), "outputs[0].quality"),
        (json!({"maxQuality": 79}), json!({"maxQuality": 80}), "outputs[0].quality"),
        (json!({"maxSourceBytes": 4999}), json!({"maxSourceBytes": 5000}), "source.bytes"),
        (json!({"minCropSide": 400.5}), json!({"minCropSide": 400}), "crop"),
        (json!({"maxUpscale": 0.4375}), json!({"maxUpscale": 0.5}), "outputs[0]"),
    ];
    let made = receipt(|_| ());
    for (broken, kept, field) in rows {
        let refused = policy(&broken).check(&made).unwrap_err();
        assert_eq!((refused.code(), refused.field()), (Code::PolicyViolation, Some(field)), "{broken}");
        assert!(refused.expected().is_some() && refused.got().is_some(), "{broken}");
        assert_eq!(policy(&kept).check(&made), Ok(()), "{kept}");
    }
}

/// The quality of a JPEG is the one that it was made with.
#[test]
fn a_used_quality_counts_and_a_missing_one_is_the_usual() {
    let used = receipt(|json| {
        json["outputs"][0]["maxBytes"] = 2000.into();
        json["outputs"][0]["usedQuality"] = 40.into();
    });
    let webp = |quality: Option<u8>| {
        receipt(|json| {
            json["outputs"][0]["format"] = "webp".into();
            json["outputs"][0]["quality"] = quality.into();
        })
    };
    assert!(policy(&json!({"minQuality": 81})).check(&webp(Some(80))).is_err(), "a lossy WebP");
    assert!(policy(&json!({"minQuality": 80})).check(&webp(Some(80))).is_ok(), "a lossy WebP");
    assert!(
        policy(&json!({"minQuality": 90, "maxQuality": 95})).check(&webp(None)).is_ok(),
        "a lossless WebP"
    );
    let refused = policy(&json!({"minQuality": 41})).check(&used).unwrap_err();
    assert_eq!(refused.field(), Some("outputs[0].usedQuality"));
    let without = receipt(|json| drop(json["outputs"][0].as_object_mut().unwrap().remove("quality")));
    assert!(policy(&json!({"minQuality": 85, "maxQuality": 85})).check(&without).is_ok());
    assert!(policy(&json!({"minQuality": 86})).check(&without).is_err());
}

#[test]
fn rules_that_make_no_sense_are_refused_by_name() {
    let rows = [
        (json!({"aspects": []}), "aspects"),
        (json!({"sizes": []}), "sizes"),
        (json!({"masks": []}), "masks"),
        (json!({"masks": ["star"]}), "policy"),
        (json!({"outputNames": ["../x"]}), "outputNames"),
        (json!({"outputNames": ["receipt"]}), "outputNames"),
        (json!({"maxPictures": 0}), "maxPictures"),
        (json!({"maxSourceBytes": 0}), "maxSourceBytes"),
        (json!({"minQuality": 0}), "minQuality"),
        (json!({"maxQuality": 101}), "maxQuality"),
        (json!({"minQuality": 80, "maxQuality": 79}), "minQuality"),
        (json!({"minOutputSide": 80, "maxOutputSide": 79}), "minOutputSide"),
        (json!({"maxUpscale": 0}), "maxUpscale"),
        (json!({"audit": 1.5}), "audit"),
        (json!({"audit": -0.1}), "audit"),
        (json!({"aspect": ["1:1"]}), "policy"),
        (json!({"sizes": ["+5x5"]}), "policy"),
        (json!({"sizes": ["5X5"]}), "policy"),
        (json!({"aspects": ["1:0"]}), "policy"),
        (json!({"level": "all"}), "policy"),
    ];
    for (wrong, field) in rows {
        let refused = Policy::from_json(wrong.to_string().as_bytes()).unwrap_err();
        assert_eq!((refused.code(), refused.field()), (Code::InvalidOption, Some(field)), "{wrong}");
    }
}

fn maybe<S: Strategy + 'static>(rule: S) -> impl Strategy<Value = Option<S::Value>>
where
    S::Value: Clone,
{
    prop_oneof![2 => Just(None), 1 => rule.prop_map(Some)]
}

fn some_of(values: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    proptest::sample::subsequence(values, 1..=values.len())
}

/// Policies around what the receipts of `receipts` say.
fn policies() -> impl Strategy<Value = Policy> {
    let lists = (
        maybe(some_of(&["1:1", "2:2", "2:1", "1:2"])),
        maybe(some_of(&["100x100", "200x100", "200x200"])),
        maybe(some_of(&["jpeg", "png", "webp"])),
        maybe(some_of(&["main", "thumb"])),
        maybe(some_of(&["none", "ellipse"])),
    );
    let numbers = (
        maybe(90..=110u32),
        maybe(190..=210u32),
        maybe(900..=1100u64),
        maybe(1..=2usize),
        maybe(70..=80u8),
        maybe(80..=90u8),
        maybe(350..=450u32),
        maybe(1..=4u32),
        maybe(any::<bool>()),
    );
    (lists, numbers).prop_map(|((aspects, sizes, formats, names, masks), numbers)| {
        let (min_side, max_side, bytes, outputs, min_q, max_q, crop, upscale, background) = numbers;
        policy(&json!({
            "aspects": aspects, "sizes": sizes, "formats": formats, "outputNames": names, "masks": masks,
            "minOutputSide": min_side, "maxOutputSide": max_side, "maxOutputBytes": bytes, "maxOutputs": outputs,
            "minQuality": min_q, "maxQuality": max_q, "minCropSide": crop, "maxUpscale": upscale.map(|n| f64::from(n) / 4.0),
            "allowBackground": background, "maxSourceBytes": bytes.map(|n| n * 5),
        }))
    })
}

fn receipts() -> impl Strategy<Value = Receipt> {
    let one = (100..=200u32, 100..=200u32, 900..=1100u32, 70..=90u8, any::<bool>(), any::<bool>());
    let outputs = proptest::collection::vec(one, 1..=2);
    (outputs, 350..=450u32, 4500..=5500u32, any::<bool>()).prop_map(|(outputs, crop, bytes, background)| {
        receipt(|json| {
            json["crop"]["width"] = crop.into();
            json["source"]["bytes"] = bytes.into();
            if background {
                json["background"] = "#ffffff".into();
            }
            let made = json["outputs"][0].clone();
            let outputs =
                outputs.into_iter().enumerate().map(|(i, (width, height, bytes, quality, square, png))| {
                    let mut output = made.clone();
                    output["name"] = if i == 0 { "main" } else { "thumb" }.into();
                    // half of them are of a size that a list has
                    let sides = if square { (width.div_ceil(100) * 100, 100) } else { (width, height) };
                    (output["width"], output["height"]) = (sides.0.into(), sides.1.into());
                    output["bytes"] = bytes.into();
                    output["quality"] = quality.into();
                    if png {
                        output["format"] = "png".into();
                        if square {
                            output["mask"] = "ellipse".into();
                        }
                        output.as_object_mut().unwrap().remove("quality");
                    }
                    output
                });
            json["outputs"] = outputs.collect();
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn two_policies_allow_what_both_allow(a in policies(), b in policies(), made in receipts()) {
        let both = a.check(&made).is_ok() && b.check(&made).is_ok();
        prop_assert_eq!(a.and(&b).check(&made).is_ok(), both);
        prop_assert_eq!(b.and(&a).check(&made).is_ok(), both);
        prop_assert_eq!(a.and(&Policy::default()), a.clone());
        prop_assert_eq!(Policy::default().and(&a), a);
    }
}

#[test]
fn of_two_policies_the_stricter_rule_holds() {
    let a = policy(&json!({"level": "committed", "audit": 0.1, "maxPictures": 3, "allowStretch": false}));
    let b = policy(
        &json!({"level": "result", "audit": 0.5, "maxPictures": 2, "allowStretch": true, "once": true}),
    );
    let both = policy(
        &json!({"level": "committed", "audit": 0.5, "maxPictures": 2, "allowStretch": false, "once": true}),
    );
    assert_eq!((a.and(&b), b.and(&a)), (both.clone(), both));
}

#[test]
fn a_token_can_forbid_the_browsers_decoder_and_not_allow_it() {
    let stated = |allowed: Option<bool>| Policy { allow_platform: allowed, ..Policy::default() };
    let (yes, no) = (Some(true), Some(false));
    let rows =
        [(None, yes, None), (no, yes, no), (yes, None, yes), (yes, yes, yes), (yes, no, no), (None, no, no)];
    for (own, token, both) in rows {
        assert_eq!(stated(own).and(&stated(token)), stated(both), "{own:?}, {token:?}");
    }
}

fn claims(json: &Value) -> Result<Claims> {
    Claims::from_json(json.to_string().as_bytes())
}

#[test]
fn claims_that_make_no_sense_are_refused_by_name() {
    let long = "x".repeat(MOST_CLAIM_BYTES + 1);
    let rows = [
        (json!({"truecrop": {}}), "token"),
        (json!({"exp": 1}), "token"),
        (json!({"exp": "1", "truecrop": {}}), "token"),
        (json!({"exp": 1, "nbf": "now", "truecrop": {}}), "token"),
        (json!({"exp": 1, "aud": 7, "truecrop": {}}), "token"),
        (json!({"exp": 1, "aud": [7], "truecrop": {}}), "token"),
        (json!({"exp": 1, "aud": [long], "truecrop": {}}), "aud"),
        (json!({"exp": 1, "sub": "", "truecrop": {}}), "sub"),
        (json!({"exp": 1, "jti": long, "truecrop": {}}), "jti"),
        (json!({"exp": 1, "truecrop": {"once": true}}), "jti"),
        (json!({"exp": 1, "truecrop": {"aspect": ["1:1"]}}), "token"),
        (json!({"exp": 1, "truecrop": {"maxOutputs": 0}}), "truecrop.maxOutputs"),
        (json!({"exp": 1, "pad": "x".repeat(MOST_TOKEN_BYTES), "truecrop": {}}), "token"),
        (json!([1]), "token"),
    ];
    for (wrong, field) in rows {
        let refused = claims(&wrong).unwrap_err();
        assert_eq!((refused.code(), refused.field()), (Code::InvalidToken, Some(field)), "{wrong}");
    }
    for twice in [r#"{"exp":9,"exp":99,"truecrop":{}}"#, r#"{"exp":9,"truecrop":{},"truecrop":{}}"#] {
        assert!(Claims::from_json(twice.as_bytes()).is_err(), "{twice}");
    }
    let fine =
        json!({"exp": 1e3, "iat": -5, "iss": {"any": [null]}, "sub": "u", "truecrop": {"level": "source"}});
    assert_eq!(claims(&fine).unwrap().subject(), Some("u"));
}

#[test]
fn a_token_is_good_in_its_time_for_its_server() {
    use Code::{InvalidToken, TokenExpired, TokenNotYetValid, WrongAudience};
    let at = |now, audience| Expected { now, leeway: 5.0, longest: 100.0, audience };
    let rows: [(Value, Expected, Option<Code>); 13] = [
        (json!({"exp": 50}), at(54.9, None), None),
        (json!({"exp": 50}), at(55.0, None), Some(TokenExpired)),
        (json!({"exp": 50, "nbf": 20}), at(15.0, None), None),
        (json!({"exp": 50, "nbf": 20}), at(14.9, None), Some(TokenNotYetValid)),
        (json!({"exp": 105}), at(0.0, None), None),
        (json!({"exp": 105.5}), at(0.0, None), Some(InvalidToken)),
        (json!({"exp": 1e300}), at(0.0, None), Some(InvalidToken)),
        (json!({"exp": -1e300}), at(0.0, None), Some(TokenExpired)),
        (json!({"exp": 50, "aud": "a"}), at(0.0, Some("a")), None),
        (json!({"exp": 50, "aud": ["b", "a"]}), at(0.0, Some("a")), None),
        (json!({"exp": 50, "aud": ["b"]}), at(0.0, Some("a")), Some(WrongAudience)),
        (json!({"exp": 50}), at(0.0, Some("a")), Some(WrongAudience)),
        (json!({"exp": 50, "aud": "a"}), at(0.0, None), Some(WrongAudience)),
    ];
    for (mut json, expected, code) in rows {
        json["truecrop"] = json!({});
        let told = claims(&json).unwrap().check(&expected);
        assert_eq!(told.err().map(|e| e.code()), code, "{json} {expected:?}");
    }
}
