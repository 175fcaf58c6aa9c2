//! Policy tokens against the real router: which are taken, what they allow, and that nothing outside of them is stored.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::body::Body;
use axum::http::Method;
use common::tokens::{
    OTHER_SECRET, SECRET, after_token, claims, eddsa, hs256, now, post_with, public_key, requires_tokens,
    takes_tokens, token, token_for,
};
use common::{TestServer, upload};
use serde_json::{Value, json};
use truecrop_core::Limits;
use truecrop_core::policy::Policy;
use truecrop_core::receipt::Receipt;
use truecrop_core::recipe::Format;

type Parts = Vec<(String, Vec<u8>)>;

/// A token whose first byte of one of its parts was changed.
fn tampered(token: &str, part: usize) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let other = if parts[part].starts_with('A') { "B" } else { "A" };
    parts[part].replace_range(..1, other);
    parts.join(".")
}

/// What is wrong with a token, the token, and the code and field of its refusal.
type Row = (&'static str, String, &'static str, &'static str);

/// Tokens that are signed by nobody whom the server knows.
fn forged_tokens() -> Vec<Row> {
    let good = claims(&json!({}));
    let head = |alg: &str, kid: &str| json!({"alg": alg, "kid": kid});
    let signed = |header: Value| hs256(&header, &good, SECRET.as_bytes());
    let unsigned = |header: Value| {
        let token = signed(header);
        format!("{}.", token.rsplit_once('.').unwrap().0)
    };
    let pem = format!("{}\n", public_key());
    vec![
        ("no token", "hello".into(), "invalid-token", "token"),
        ("empty", String::new(), "invalid-token", "token"),
        ("four parts", format!("{}.x", token(&good)), "invalid-token", "token"),
        ("an encrypted token has five", "a.b.c.d.e".into(), "invalid-token", "token"),
        ("alg none", unsigned(head("none", "one")), "invalid-token", "token"),
        ("alg NONE, signed", signed(head("NONE", "one")), "invalid-token", "token"),
        ("no signature", unsigned(head("HS256", "one")), "invalid-token", "signature"),
        (
            "another secret",
            hs256(&head("HS256", "one"), &good, OTHER_SECRET.as_bytes()),
            "invalid-token",
            "signature",
        ),
        ("HS512 for the secret", signed(head("HS512", "one")), "invalid-token", "alg"),
        ("RS256 for the secret", signed(head("RS256", "one")), "invalid-token", "alg"),
        ("EdDSA for the secret", eddsa(&head("EdDSA", "one"), &good), "invalid-token", "alg"),
        (
            "HS256 with the public key as the secret",
            hs256(&head("HS256", "two"), &good, public_key().as_bytes()),
            "invalid-token",
            "alg",
        ),
        (
            "the same with a line end",
            hs256(&head("HS256", "two"), &good, pem.as_bytes()),
            "invalid-token",
            "alg",
        ),
        ("the secret's token for the public key", signed(head("EdDSA", "two")), "invalid-token", "signature"),
        ("an unknown kid", signed(head("HS256", "three")), "invalid-token", "kid"),
        ("no kid among two keys", signed(json!({"alg": "HS256"})), "invalid-token", "kid"),
        (
            "crit",
            signed(json!({"alg": "HS256", "kid": "one", "crit": ["b64"], "b64": false})),
            "invalid-token",
            "crit",
        ),
        ("a changed payload", tampered(&token(&good), 1), "invalid-token", "signature"),
        ("a changed signature", tampered(&token(&good), 2), "invalid-token", "signature"),
    ]
}

/// Tokens of the server's own key that it does not take.
fn refused_tokens() -> Vec<Row> {
    let good = claims(&json!({}));
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        token(&claims)
    };
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        token(&claims)
    };
    vec![
        ("huge", with("pad", "x".repeat(9000).into()), "invalid-token", "token"),
        ("expired", with("exp", (now() - 60).into()), "token-expired", "exp"),
        ("good for ever", with("exp", 9_999_999_999u64.into()), "invalid-token", "exp"),
        ("no exp", without("exp"), "invalid-token", "token"),
        ("exp as a text", with("exp", "9999999999".into()), "invalid-token", "token"),
        ("not yet", with("nbf", (now() + 300).into()), "token-not-yet-valid", "nbf"),
        ("another audience", with("aud", "others".into()), "wrong-audience", "aud"),
        ("no audience", without("aud"), "wrong-audience", "aud"),
        ("no policy", without("truecrop"), "invalid-token", "token"),
        ("a misspelt rule", with("truecrop", json!({"aspect": ["1:1"]})), "invalid-token", "token"),
        (
            "a rule without sense",
            with("truecrop", json!({"maxOutputs": 0})),
            "invalid-token",
            "truecrop.maxOutputs",
        ),
        ("once without an id", with("truecrop", json!({"once": true})), "invalid-token", "jti"),
    ]
}

#[tokio::test]
async fn a_bad_token_opens_no_door() {
    let server = TestServer::new(requires_tokens).await;
    let parts = upload("coffee.jpg", &[Format::Jpeg]).parts(false);
    for (what, bad, code, field) in forged_tokens().into_iter().chain(refused_tokens()) {
        let by_header = post_with(&server, &bad, &parts).await;
        let by_form = server.post(&after_token(&bad, &parts)).await;
        for answer in [by_header, by_form] {
            let told = answer.json();
            // A form's part is bounded before it is looked at.
            let long = told["code"] == "too-many-bytes" && what == "huge";
            if !long {
                assert_eq!((&told["code"], &told["field"]), (&json!(code), &json!(field)), "{what}: {told}");
                assert_eq!(answer.status, 401, "{what}");
                assert_eq!(answer.header("www-authenticate"), "Bearer error=\"invalid_token\"", "{what}");
            }
            assert!(!answer.status.is_success() && server.files().is_empty(), "{what}");
        }
    }
}

#[tokio::test]
async fn good_tokens_of_each_key_open_it() {
    let server = TestServer::new(requires_tokens).await;
    let sent = upload("coffee.jpg", &[Format::Jpeg]);
    let many = {
        let mut many = claims(&json!({}));
        (many["aud"], many["iss"], many["iat"]) = (json!(["others", "uploads"]), json!("app"), json!(now()));
        many["nbf"] = now().into();
        many
    };
    for good in [
        token_for(&json!({})),
        token(&many),
        eddsa(&json!({"alg": "EdDSA", "kid": "two"}), &claims(&json!({"aspects": ["4:3"]}))),
        hs256(
            &json!({"kid": "one", "alg": "HS256", "typ": "anything"}),
            &claims(&json!({})),
            SECRET.as_bytes(),
        ),
    ] {
        assert_eq!(post_with(&server, &good, &sent.parts(false)).await.status, 201, "{good}");
        assert_eq!(server.post(&after_token(&good, &sent.parts(false))).await.status, 201, "{good}");
    }
    // With one key alone, a token need not name it.
    let one = TestServer::new(|c| {
        requires_tokens(c);
        c.policy_tokens.keys.truncate(1);
    })
    .await;
    let unnamed = hs256(&json!({"alg": "HS256"}), &claims(&json!({})), SECRET.as_bytes());
    assert_eq!(post_with(&one, &unnamed, &sent.parts(false)).await.status, 201);
}

#[tokio::test]
async fn who_has_no_token_is_asked_for_one_where_it_is_required() {
    let sent = upload("coffee.jpg", &[Format::Jpeg]).parts(false);
    let requires = TestServer::new(|c| {
        requires_tokens(c);
        c.api_key = Some("key-of-the-application".into());
    })
    .await;
    let takes = TestServer::new(takes_tokens).await;
    let knows_none = TestServer::new(|_| ()).await;
    let field = |name: &str| vec![(name.to_owned(), b"x".to_vec())];
    let good = token_for(&json!({}));
    let late: Parts = [sent.clone(), after_token(&good, &[])].concat();
    let cases: Vec<(&str, &TestServer, Parts, u16, &str)> = vec![
        ("none", &requires, sent.clone(), 401, "token-required"),
        (
            "another part first",
            &requires,
            [field("title"), after_token(&good, &sent)].concat(),
            401,
            "token-required",
        ),
        ("last", &requires, late.clone(), 401, "token-required"),
        ("last, not required", &takes, late.clone(), 401, "invalid-token"),
        (
            "a field of that name, without keys",
            &knows_none,
            [field("policy"), sent.clone()].concat(),
            201,
            "",
        ),
    ];
    for (what, server, parts, status, code) in cases {
        let answer = server.post(&parts).await;
        assert_eq!(answer.status.as_u16(), status, "{what}: {}", answer.json());
        assert_eq!(answer.json()["code"].as_str().unwrap_or_default(), code, "{what}");
        if code == "token-required" {
            assert_eq!(answer.header("www-authenticate"), "Bearer", "{what}");
        }
        assert_eq!(server.files().is_empty(), status != 201, "{what}");
    }
    // The application needs no permission by itself; nor does its key stand in for a token elsewhere.
    assert_eq!(post_with(&requires, "key-of-the-application", &sent).await.status, 201);
    assert_eq!(post_with(&requires, "key-of-the-applicatioN", &sent).await.status, 401);
}

/// Rules of a token and of the server, each with an upload of three outputs that breaks it or keeps it.
fn rules() -> Vec<(Value, Value)> {
    let none = json!({});
    let mut rules: Vec<(Value, Value)> = [
        json!({}),
        json!({"aspects": ["1:1"]}),
        json!({"aspects": ["8:6"]}),
        json!({"sizes": ["120x90"]}),
        json!({"sizes": ["90x120"]}),
        json!({"formats": ["jpeg"]}),
        json!({"formats": ["png", "webp"]}),
        json!({"outputNames": ["main"]}),
        json!({"outputNames": ["avatar"]}),
        json!({"minQuality": 90}),
        json!({"maxQuality": 84}),
        json!({"minCropSide": 121}),
        json!({"maxUpscale": 0.7}),
        json!({"maxUpscale": 0.75}),
        json!({"maxOutputBytes": 3000}),
        json!({"maxSourceBytes": 20_000}),
        json!({"maxOutputs": 1}),
        json!({"minOutputSide": 91}),
        json!({"level": "committed"}),
        json!({"level": "source"}),
    ]
    .into_iter()
    .map(|rule| (rule, none.clone()))
    .collect();
    rules.push((json!({"formats": ["jpeg", "png"]}), json!({"formats": ["webp", "png"]})));
    rules.push((json!({"formats": ["jpeg"]}), json!({"formats": ["webp"]})));
    rules.push((json!({"level": "result"}), json!({"level": "source"})));
    rules
}

/// Nothing outside of the policy is ever stored, and nothing inside of it is refused.
#[tokio::test]
async fn exactly_what_token_and_server_allow_is_stored() {
    let uploads = [
        upload("coffee.jpg", &[Format::Jpeg]),
        upload("cat-alpha.png", &[Format::Png, Format::Webp]),
        upload("phone-orientation-6.jpg", &[Format::Webp]),
    ];
    let (mut stored, mut refused) = (0, 0);
    for (of_token, of_server) in rules() {
        let policy = |json: &Value| Policy::from_json(json.to_string().as_bytes()).unwrap();
        let server = TestServer::new(|c| {
            requires_tokens(c);
            c.policy = policy(&of_server);
        })
        .await;
        for sent in &uploads {
            for with_source in [false, true] {
                let before = server.files();
                let receipt = Receipt::from_json(sent.receipt.as_bytes(), &Limits::default()).unwrap();
                let wants_source = [&of_token, &of_server].iter().any(|rule| rule["level"] == "source");
                let allowed =
                    policy(&of_token).check(&receipt).and(policy(&of_server).check(&receipt)).is_ok()
                        && (with_source || !wants_source);
                let answer = post_with(&server, &token_for(&of_token), &sent.parts(with_source)).await;
                let told = answer.json();
                let case = format!("{of_token} {of_server} {with_source}: {told}");
                assert_eq!(answer.status == 201, allowed, "{case}");
                if allowed {
                    stored += 1;
                    continue;
                }
                refused += 1;
                assert_eq!(server.files(), before, "{case}");
                assert_eq!(told["picture"], json!("main"), "{case}");
                let figures = told["code"] != "policy-violation"
                    || !(told["expected"].is_null() || told["got"].is_null());
                assert!(matches!(answer.status.as_u16(), 413 | 422) && figures, "{case}");
            }
        }
    }
    assert!(stored > 40 && refused > 40, "{stored} {refused}");
}

#[tokio::test]
async fn a_token_bounds_the_number_of_pictures_and_the_level() {
    let server = TestServer::new(requires_tokens).await;
    let sent = upload("coffee.jpg", &[Format::Jpeg]);
    let two = [sent.parts_of("avatar", false), sent.parts_of("cover", false)].concat();
    let answer = post_with(&server, &token_for(&json!({"maxPictures": 1})), &two).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (413, &json!("too-many-pictures")));
    assert!(server.files().is_empty());
    assert_eq!(post_with(&server, &token_for(&json!({"maxPictures": 2})), &two).await.status, 201);
    let committed = post_with(&server, &token_for(&json!({"level": "committed"})), &sent.parts(false)).await;
    assert_eq!(committed.image()["level"], "committed");
}

#[tokio::test]
async fn who_uploaded_is_told_to_the_application_alone() {
    let server = TestServer::new(requires_tokens).await;
    let mut claims = claims(&json!({}));
    claims["sub"] = "user 7".into();
    let sent = upload("coffee.jpg", &[Format::Jpeg]).parts(false);
    let image = post_with(&server, &token(&claims), &sent).await.image();
    let address = format!("/v1/images/{}", image["id"].as_str().unwrap());
    assert!(image["subject"].is_null() && server.get(&address).await.json()["subject"].is_null());
    let confirmed = server.send(Method::POST, &format!("{address}/confirm"), &[], Body::empty()).await;
    assert_eq!(confirmed.json()["subject"], "user 7");
}
