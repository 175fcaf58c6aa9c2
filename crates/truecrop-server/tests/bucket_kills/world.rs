//! What the clients of the two servers share: whom they ask, and what is known of each picture.

use crate::common::bucket::{Bucket, Reply, exchange, exchange_with_mortal};
use crate::common::{Upload, upload};
use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use truecrop_core::receipt::Digest;
use truecrop_core::recipe::Format;

/// What is known of a picture that somebody was told of. It only ever moves on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It may be there, or be swept.
    Pending,
    /// Somebody was told that it is kept.
    Confirmed,
    /// Somebody has begun to delete it.
    Deleting,
    /// Somebody was told that it is gone.
    Deleted,
}

#[derive(Clone, Copy, Debug)]
pub struct Picture {
    /// Which of the honest uploads it is.
    pub which: usize,
    pub fate: Fate,
    /// Whether somebody has ever asked to confirm it.
    pub asked: bool,
    /// Until when it waits to be confirmed.
    pub expires: Option<SystemTime>,
}

/// A request to either server.
pub struct Ask<'a> {
    pub method: &'a str,
    pub target: String,
    pub headers: Vec<(&'a str, &'a str)>,
    pub body: Vec<u8>,
}

pub struct World {
    pub bucket: Bucket,
    servers: [SocketAddr; 2],
    pub honest: Vec<Upload>,
    /// The picture of another photo under a receipt that names its digest: only the photo shows that it is a lie.
    pub forged: Upload,
    pictures: Mutex<BTreeMap<String, Picture>>,
    /// Ids that are to be confirmed together.
    pub together: Mutex<Vec<String>>,
    pub ended: AtomicBool,
    counts: Mutex<BTreeMap<&'static str, usize>>,
}

pub fn random(below: usize) -> usize {
    (RandomState::new().build_hasher().finish() % below as u64) as usize
}

/// What a lock holds; a thread that panicked meanwhile has its own message.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the world when its thread panics, so that the others do not go on for long.
pub struct EndsTheWorld<'a>(pub &'a World);

impl Drop for EndsTheWorld<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.ended.store(true, Ordering::Relaxed);
        }
    }
}

/// One picture with the output of another photo, whose length and digest its receipt names.
fn forged() -> Upload {
    let (mut sent, other) =
        (upload("coffee.jpg", &[Format::Jpeg]), upload("coffee-444.jpg", &[Format::Jpeg]));
    sent.outputs = other.outputs;
    let picture = sent.outputs[0].1.clone();
    sent.forge(|receipt| {
        receipt["outputs"][0]["bytes"] = picture.len().into();
        receipt["outputs"][0]["digest"] = Digest::of(&picture).to_string().into();
    })
}

impl World {
    /// With what a browser has made, where there is one: the last of the honest uploads.
    pub fn new(bucket: Bucket, servers: [SocketAddr; 2], of_browser: Option<Upload>) -> Self {
        let own = [
            upload("coffee.jpg", &[Format::Jpeg]),
            upload("coffee-progressive.jpg", &[Format::Jpeg]),
            upload("coffee.jpg", &[Format::Jpeg, Format::Png]),
        ];
        let honest = own.into_iter().chain(of_browser).collect();
        Self {
            bucket,
            servers,
            honest,
            forged: forged(),
            pictures: Mutex::default(),
            together: Mutex::default(),
            ended: AtomicBool::new(false),
            counts: Mutex::default(),
        }
    }

    pub fn runs(&self) -> bool {
        !self.ended.load(Ordering::Relaxed)
    }

    pub fn count(&self, what: &'static str) {
        *lock(&self.counts).entry(what).or_default() += 1;
    }

    pub fn counts(&self) -> BTreeMap<&'static str, usize> {
        lock(&self.counts).clone()
    }

    pub fn picture(&self, id: &str) -> Picture {
        lock(&self.pictures)[id]
    }

    pub fn pictures(&self) -> BTreeMap<String, Picture> {
        lock(&self.pictures).clone()
    }

    /// Somebody was told of a picture.
    pub fn told(&self, id: &str, which: usize, expires: Option<SystemTime>) {
        let new = Picture { which, fate: Fate::Pending, asked: false, expires };
        lock(&self.pictures).entry(id.to_owned()).or_insert(new);
        self.count("stored");
    }

    pub fn change(&self, id: &str, change: impl FnOnce(&mut Picture)) {
        change(lock(&self.pictures).get_mut(id).unwrap());
    }

    pub fn reach(&self, id: &str, fate: Fate) {
        self.change(id, |picture| picture.fate = picture.fate.max(fate));
    }

    /// Asks one of the servers; `None` when it was killed meanwhile.
    pub fn ask(&self, ask: &Ask<'_>) -> Option<Reply> {
        let address = self.servers[random(2)];
        let reply = exchange_with_mortal(address, ask.method, &ask.target, &ask.headers, &ask.body);
        if reply.is_none() {
            self.count("requests cut off");
            std::thread::sleep(Duration::from_millis(20));
        }
        reply
    }

    /// Asks until a server has an answer that stays.
    pub fn ask_until_answered(&self, ask: &Ask<'_>) -> Reply {
        loop {
            match self.ask(ask) {
                Some(reply) if [408, 503].contains(&reply.status) => self.count("told to come again"),
                // The same request still runs, or ran on a server that has died.
                Some(reply) if reply.json()["code"] == "request-running" => self.count("told to come again"),
                Some(reply) => return reply,
                None => continue,
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Puts bytes where an announcement says. A bucket that checks nothing is sent no digest, so that every lie arrives.
    pub fn put(&self, request: &serde_json::Value, bytes: &[u8]) -> Reply {
        let url = request["url"].as_str().unwrap();
        let (_, target) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let headers = request["headers"].as_object().unwrap();
        let own = headers.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
        let own = own.filter(|(name, _)| self.bucket.checks() || !name.starts_with("x-amz"));
        exchange(self.bucket.address, "PUT", &format!("/{target}"), &own.collect::<Vec<_>>(), bytes)
    }
}
