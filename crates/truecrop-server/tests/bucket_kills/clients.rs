//! The clients: each uploads in one of the ways that there are, honestly or not, and decides what becomes of the picture.

use crate::common::bucket::Reply;
use crate::common::{FORM, Upload, form};
use crate::world::{Ask, Fate, World, lock, random};
use serde_json::{Value, json};
use std::time::SystemTime;
use truecrop_core::receipt::Digest;

/// What gives the first two honest uploads, without their receipts.
const RECIPE: &str = r#"{"truecrop":1,"crop":{"x":12.5,"y":8,"width":160,"height":120},
    "outputs":[{"name":"main","width":120,"height":90,"format":"jpeg"}]}"#;

/// How many are confirmed by one request.
const TOGETHER: usize = 5;

fn announcement(sent: &Upload) -> Value {
    let receipt: Value = serde_json::from_str(&sent.receipt).unwrap();
    json!({ "images": { "main": { "receipt": receipt, "source": source(sent) } } })
}

fn source(sent: &Upload) -> Value {
    json!({ "bytes": sent.source.len(), "digest": Digest::of(&sent.source).to_string() })
}

fn expiry(picture: &Value) -> Option<SystemTime> {
    humantime::parse_rfc3339(picture["expires_at"].as_str()?).ok()
}

fn call<'a>(method: &'a str, target: String, body: &Value) -> Ask<'a> {
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    Ask { method, target, headers: vec![("Content-Type", "application/json")], body }
}

impl World {
    /// One upload of one client, and what becomes of it.
    pub fn client(&self) {
        match random(16) {
            0..=5 => self.by_bucket(),
            6..=7 => self.by_recipe(),
            8..=10 => self.by_form(),
            11 => self.by_filepond(),
            12 => self.given_up(),
            13 => self.left(),
            14 => self.lie(),
            _ => self.forgery(),
        }
    }

    fn announce(&self, announcement: &Value) -> (String, Value) {
        let told = self.ask_until_answered(&call("POST", "/v1/uploads".to_owned(), announcement));
        assert_eq!(told.status, 201, "{}", told.text());
        let told = told.json();
        (told["id"].as_str().unwrap().to_owned(), told["parts"]["main"].clone())
    }

    fn put_outputs(&self, parts: &Value, sent: &Upload) {
        for (name, bytes) in &sent.outputs {
            let reply = self.put(&parts["outputs"][name], bytes);
            assert_eq!(reply.status, 200, "{}", reply.text());
        }
    }

    fn put_source(&self, parts: &Value, sent: &Upload) {
        let reply = self.put(&parts["source"], &sent.source);
        assert_eq!(reply.status, 200, "{}", reply.text());
    }

    fn complete(&self, upload: &str) -> Reply {
        let reply =
            self.ask_until_answered(&call("POST", format!("/v1/uploads/{upload}/complete"), &Value::Null));
        // The sweep, or whoever gave it up, may have been quicker; and what a bucket refuses is not there.
        let ended = ["upload-ended", "upload-cancelled", "upload-expired", "not-found", "not-uploaded"];
        let known = ended.iter().any(|code| reply.json()["code"] == *code);
        assert!(known || [200, 422].contains(&reply.status), "{} {}", reply.status, reply.text());
        reply
    }

    fn complete_and_decide(&self, upload: &str, which: usize) {
        let reply = self.complete(upload);
        if reply.status != 200 {
            return self.count("uploads that ended before their answer");
        }
        self.stored(&reply.json()["images"]["main"], which);
    }

    /// A picture that somebody was told of, and what becomes of it.
    pub fn stored(&self, picture: &Value, which: usize) {
        let id = picture["id"].as_str().unwrap();
        self.told(id, which, expiry(picture));
        self.decide(id);
    }

    fn by_bucket(&self) {
        let which = random(self.honest.len());
        let sent = &self.honest[which];
        let (upload, parts) = self.announce(&announcement(sent));
        self.put_outputs(&parts, sent);
        self.put_source(&parts, sent);
        self.complete_and_decide(&upload, which);
    }

    /// The photo alone: the server makes the picture.
    fn by_recipe(&self) {
        let which = random(2);
        let sent = &self.honest[which];
        let recipe: Value = serde_json::from_str(RECIPE).unwrap();
        let announced = json!({ "images": { "main": { "recipe": recipe, "source": source(sent) } } });
        let (upload, parts) = self.announce(&announced);
        self.put_source(&parts, sent);
        self.complete_and_decide(&upload, which);
    }

    /// Through a server, by a request that may be sent again.
    fn by_form(&self) {
        let which = random(self.honest.len());
        let key = format!("\"{:016x}\"", random(usize::MAX));
        let headers = vec![("Content-Type", FORM), ("Idempotency-Key", key.as_str())];
        let body = form(&self.honest[which].parts(true));
        let ask = Ask { method: "POST", target: "/v1/images".to_owned(), headers, body };
        let reply = self.ask_until_answered(&ask);
        if reply.json()["code"] == "upload-ended" {
            return self.count("uploads that ended before their answer");
        }
        assert_eq!(reply.status, 201, "{}", reply.text());
        let picture = &reply.json()["images"]["main"];
        let id = picture["id"].as_str().unwrap();
        self.told(id, which, expiry(picture));
        if random(3) == 0 {
            let again = self.ask_until_answered(&ask);
            if again.status == 201 {
                assert_eq!(again.json()["images"]["main"]["id"], *id, "one key made two uploads");
                self.count("requests that were sent again");
            }
        }
        self.decide(id);
    }

    fn by_filepond(&self) {
        let which = random(2);
        let sent = &self.honest[which];
        let metadata = json!({ "truecrop": { "receipt": sent.receipt } }).to_string().into_bytes();
        let files = [metadata, sent.outputs[0].1.clone(), sent.source.clone()];
        let body = form(&files.map(|bytes| ("avatar".to_owned(), bytes)));
        let headers = vec![("Content-Type", FORM)];
        let ask = Ask { method: "POST", target: "/v1/filepond".to_owned(), headers, body };
        let reply = self.ask_until_answered(&ask);
        assert_eq!(reply.status, 201, "{}", reply.text());
        self.told(&reply.text(), which, None);
        self.decide(&reply.text());
    }

    /// Completed and given up at the same time: one of both.
    fn given_up(&self) {
        let which = random(self.honest.len());
        let sent = &self.honest[which];
        let (upload, parts) = self.announce(&announcement(sent));
        self.put_outputs(&parts, sent);
        self.put_source(&parts, sent);
        let give_up = call("DELETE", format!("/v1/uploads/{upload}"), &Value::Null);
        let (completed, given_up) = std::thread::scope(|scope| {
            let completing = scope.spawn(|| self.complete(&upload));
            let given_up = self.ask_until_answered(&give_up);
            (completing.join().unwrap(), given_up)
        });
        assert!([204, 404, 409].contains(&given_up.status), "{}", given_up.text());
        assert!(completed.status != 200 || given_up.status != 204, "{upload} is stored and given up");
        if completed.status == 200 {
            let picture = &completed.json()["images"]["main"];
            self.told(picture["id"].as_str().unwrap(), which, expiry(picture));
        } else {
            self.count("given up");
        }
    }

    /// A client that goes away midway.
    fn left(&self) {
        let sent = &self.honest[0];
        let (_, parts) = self.announce(&announcement(sent));
        self.put_outputs(&parts, sent);
        if random(2) == 0 {
            self.put_source(&parts, sent);
        }
        self.count("left midway");
    }

    /// Other bytes than were announced: a bucket that checks refuses them, and what another one takes is refused by the server.
    fn lie(&self) {
        let sent = &self.honest[0];
        let (upload, parts) = self.announce(&announcement(sent));
        let of_source = random(2) == 0;
        let (mut output, mut source) = (sent.outputs[0].1.clone(), sent.source.clone());
        let lie = if of_source { &mut source } else { &mut output };
        lie[300] ^= 1;
        let replies = [self.put(&parts["outputs"]["main"], &output), self.put(&parts["source"], &source)];
        let lied = replies[usize::from(of_source)].status;
        let expected = if self.bucket.checks() { 400..=403 } else { 200..=200 };
        assert!(expected.contains(&lied), "{lied}: {}", replies[usize::from(of_source)].text());
        let completed = self.complete(&upload);
        assert_ne!(completed.status, 200, "{}", completed.text());
        self.count("lies refused");
    }

    /// A picture of another photo, announced as it is.
    fn forgery(&self) {
        let (upload, parts) = self.announce(&announcement(&self.forged));
        self.put_outputs(&parts, &self.forged);
        self.put_source(&parts, &self.forged);
        let completed = self.complete(&upload);
        assert_ne!(completed.status, 200, "{}", completed.text());
        self.count("forgeries refused");
    }

    fn decide(&self, id: &str) {
        match random(10) {
            0 => {}
            1..=4 => self.confirm(id),
            5..=6 => self.confirm_together(id),
            7 => self.delete(id),
            8 => {
                self.confirm(id);
                self.delete(id);
            }
            _ => std::thread::scope(|scope| {
                scope.spawn(|| self.confirm(id));
                self.delete(id);
            }),
        }
    }

    fn confirm(&self, id: &str) {
        self.change(id, |picture| picture.asked = true);
        let target = format!("/v1/images/{id}/confirm");
        let reply = self.ask_until_answered(&call("POST", target, &Value::Null));
        self.confirmed(id, reply.status, &reply.text());
    }

    fn confirm_together(&self, id: &str) {
        let mut waiting = lock(&self.together);
        waiting.push(id.to_owned());
        if waiting.len() < TOGETHER {
            return;
        }
        let ids = std::mem::take(&mut *waiting);
        drop(waiting);
        ids.iter().for_each(|id| self.change(id, |picture| picture.asked = true));
        // Some of them are not answered yet when a server is away for a moment.
        let mut left = ids;
        while !left.is_empty() {
            let target = "/v1/images/confirm".to_owned();
            let reply = self.ask_until_answered(&call("POST", target, &json!({ "ids": left })));
            assert_eq!(reply.status, 200, "{}", reply.text());
            let answers = reply.json()["images"].as_array().unwrap().clone();
            assert_eq!(answers.len(), left.len());
            left.clear();
            for answer in answers {
                let (id, status) =
                    (answer["id"].as_str().unwrap(), answer["status"].as_u64().unwrap() as u16);
                if [408, 503].contains(&status) {
                    left.push(id.to_owned());
                } else {
                    self.confirmed(id, status, &answer.to_string());
                }
            }
        }
    }

    fn confirmed(&self, id: &str, status: u16, text: &str) {
        let before = self.picture(id);
        match status {
            200 => {
                self.reach(id, Fate::Confirmed);
                self.count("confirmed");
            }
            404 => {
                let waits = before.expires.is_some_and(|expires| expires > SystemTime::now());
                assert!(!waits || before.fate >= Fate::Deleting, "{id} ended before its time");
                assert_ne!(before.fate, Fate::Confirmed, "{id} is lost");
            }
            _ => panic!("{id}: {status} {text}"),
        }
    }

    fn delete(&self, id: &str) {
        self.reach(id, Fate::Deleting);
        let reply = self.ask_until_answered(&call("DELETE", format!("/v1/images/{id}"), &Value::Null));
        assert_eq!(reply.status, 204, "{}", reply.text());
        self.reach(id, Fate::Deleted);
        self.count("deleted");
    }
}
