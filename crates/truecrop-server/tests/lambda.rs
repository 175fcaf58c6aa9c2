//! The real binary as an AWS Lambda function: uploads and pictures by the events of each way to call a function.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::lambda_runtime::{World, body};
use common::{FORM, form, upload};
use serde_json::{Value, json};
use truecrop_core::recipe::Format;

/// An event of API Gateway's HTTP API (payload 2.0), with the stage in its path unless it is the default one.
fn http_api(stage: &str, method: &str, path: &str, body: &[u8]) -> Value {
    let path = if stage == "$default" { path.to_owned() } else { format!("/{stage}{path}") };
    let mut event = json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "",
        "headers": { "host": "x.example", "content-type": FORM },
        "requestContext": {
            "accountId": "1", "apiId": "x", "domainName": "x.example", "domainPrefix": "x", "requestId": "one",
            "routeKey": "$default", "stage": stage, "time": "23/Nov/2026:00:00:00 +0000", "timeEpoch": 1,
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test" }
        },
        "isBase64Encoded": true
    });
    if !body.is_empty() {
        event["body"] = json!(STANDARD.encode(body));
    }
    event
}

/// What the answer to a form tells of its picture.
fn main_picture(answer: &Value) -> Value {
    let told: Value = serde_json::from_slice(&body(answer)).unwrap_or_default();
    told["images"]["main"].clone()
}

#[tokio::test]
async fn a_function_accepts_uploads_and_serves_pictures() {
    let mut world = World::new().await;
    let sent = upload("phone-orientation-6.jpg", &[Format::Jpeg]);
    let answer = world.answer(http_api("$default", "POST", "/v1/images", &form(&sent.parts(true)))).await;
    let told = main_picture(&answer);
    assert_eq!((&answer["statusCode"], &told["verdict"]["valid"]), (&201.into(), &true.into()), "{answer}");
    let url = told["outputs"][0]["url"].as_str().unwrap().to_owned();
    let picture = world.answer(http_api("$default", "GET", &url, &[])).await;
    assert_eq!(picture["isBase64Encoded"], true, "{picture}");
    assert_eq!(body(&picture), sent.outputs[0].1);

    let mut forged = sent.clone();
    forged.outputs[0].1[300] ^= 1;
    let refused = world.answer(http_api("$default", "POST", "/v1/images", &form(&forged.parts(false)))).await;
    let problem: Value = serde_json::from_slice(&body(&refused)).unwrap_or_default();
    assert_eq!(
        (&refused["statusCode"], &problem["code"]),
        (&422.into(), &"digest-mismatch".into()),
        "{refused}"
    );
    let cut = form(&sent.parts(false));
    let broken = world.answer(http_api("$default", "POST", "/v1/images", &cut[..cut.len() / 2])).await;
    assert_eq!(broken["statusCode"], 400, "{broken}");
    let kept: Vec<_> = std::fs::read_dir(world.folder.path().join("pending")).unwrap().collect();
    assert_eq!(kept.len(), 1);
}

/// An event of API Gateway's REST API (payload 1.0), or of a load balancer.
fn proxy(context: Value, method: &str, path: &str) -> Value {
    json!({
        "httpMethod": method, "path": path, "resource": "/{proxy+}", "headers": { "host": "x.example" },
        "multiValueHeaders": { "host": ["x.example"] }, "queryStringParameters": {},
        "multiValueQueryStringParameters": {}, "requestContext": context, "body": "", "isBase64Encoded": false
    })
}

/// A REST API has the stage in the path of its context only.
fn rest_api(stage: &str, method: &str, path: &str) -> Value {
    let context = json!({
        "accountId": "1", "resourceId": "x", "stage": stage, "requestId": "one", "resourcePath": "/{proxy+}",
        "httpMethod": method, "apiId": "x", "path": format!("/{stage}{path}"), "protocol": "HTTP/1.1",
        "identity": { "sourceIp": "127.0.0.1" }
    });
    proxy(context, method, path)
}

fn load_balancer(method: &str, path: &str) -> Value {
    proxy(
        json!({ "elb": { "targetGroupArn": "arn:aws:elasticloadbalancing:x:1:targetgroup/x/1" } }),
        method,
        path,
    )
}

#[tokio::test]
async fn every_way_to_call_a_function_finds_the_application_below_its_stage() {
    let mut world = World::new().await;
    let limits = "/v1/limits";
    let events = [
        ("an HTTP API, or a function URL", http_api("$default", "GET", limits, &[])),
        ("an HTTP API with a stage", http_api("prod", "GET", limits, &[])),
        ("an HTTP API with a stage of our version", http_api("v1", "GET", limits, &[])),
        ("a REST API", rest_api("prod", "GET", limits)),
        ("a REST API with a stage of our version", rest_api("v1", "GET", limits)),
        ("a load balancer", load_balancer("GET", limits)),
    ];
    for (what, event) in events {
        let answer = world.answer(event).await;
        assert_eq!(answer["statusCode"], 200, "{what}: {answer}");
        let json: Value = serde_json::from_slice(&body(&answer)).unwrap_or_default();
        assert_eq!(json["level"], "result", "{what}: {answer}");
    }
    let nowhere = world.answer(rest_api("prod", "GET", "/nowhere")).await;
    let problem: Value = serde_json::from_slice(&body(&nowhere)).unwrap_or_default();
    assert_eq!((&nowhere["statusCode"], &problem["code"]), (&404.into(), &"not-found".into()), "{nowhere}");
}

#[tokio::test]
async fn the_addresses_in_an_answer_have_the_stage_that_the_client_needs() {
    let mut world = World::new().await;
    let sent = upload("coffee.jpg", &[Format::Jpeg]);
    let answer = world.answer(http_api("prod", "POST", "/v1/images", &form(&sent.parts(false)))).await;
    assert_eq!(answer["statusCode"], 201, "{answer}");
    let location = answer["headers"]["location"].as_str().unwrap();
    let told = main_picture(&answer);
    let url = told["outputs"][0]["url"].as_str().unwrap();
    assert_eq!(url, format!("{location}/main"));
    let path = url.strip_prefix("/prod").unwrap();
    let picture = world.answer(http_api("prod", "GET", path, &[])).await;
    assert_eq!(body(&picture), sent.outputs[0].1);
}
