//! The whole life of uploads by way of a bucket, on two servers that are killed (SIGKILL) at random moments: from the presigned PUT to the
//! sweep. No confirmed picture is lost, nothing half is visible, nothing unverified is served, and after a sweep nothing is left over.
//! A few kills in each run of the stage `bucket`, more by `TRUECROP_KILLS`; `TRUECROP_BIN` names another build of the binary.
#![cfg(feature = "cloud")]
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod browser;
mod checks;
mod clients;
#[path = "../common/mod.rs"]
mod common;
mod world;

use browser::Browser;
use common::binary::Binary;
use common::bucket::{Bucket, free_port};
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use world::{EndsTheWorld, World, random};

/// Clients at the same time, and others that read.
const CLIENTS: usize = 24;
const READERS: usize = 2;

/// Uploads that nobody has confirmed in this time may go, while the servers run. They wait shortly for servers that have died.
const CONFIG: &str = "level = 'source'\nsweep_every = '2s'\npending_ttl = '15s'\nrequest_timeout = '10s'\n\
                      access_log = false\n[admission]\nlongest_wait = '3s'\n[uploads]\nttl = '2m'";

/// Two servers on one bucket, each with an address that stays.
struct Servers {
    environment: Vec<(&'static str, String)>,
    config: String,
    addresses: [SocketAddr; 2],
    running: Vec<Binary>,
}

impl Servers {
    fn start(bucket: &Bucket) -> Self {
        let addresses = [(); 2].map(|()| SocketAddr::from(([127, 0, 0, 1], free_port())));
        let pages = browser::pages().map(|folder| format!("www = '{folder}'\n")).unwrap_or_default();
        let config = format!("{pages}allow_origins = ['http://{}']\n{CONFIG}", addresses[0]);
        let mut servers = Self { environment: bucket.environment(), config, addresses, running: Vec::new() };
        servers.running.extend([servers.another(0), servers.another(1)]);
        servers
    }

    fn another(&self, server: usize) -> Binary {
        let mut environment = self.environment.clone();
        environment.push(("TRUECROP_LISTEN", self.addresses[server].to_string()));
        Binary::start_with(tempfile::tempdir().unwrap(), "s3://pictures/app", &environment, &self.config)
    }

    /// Kills one of them, or both, and starts them again; then looks for what was kept. Gives the number of deaths.
    fn die(&mut self, world: &World) -> usize {
        let victims = if random(6) == 0 { vec![0, 1] } else { vec![random(2)] };
        victims.iter().for_each(|victim| self.running[*victim].kill());
        for victim in &victims {
            self.running[*victim] = self.another(*victim);
            checks::spot_check(world, self.addresses[*victim]);
        }
        victims.len()
    }
}

/// Everything at once until the servers have been killed so often.
fn live(world: &World, servers: &mut Servers, browser: Option<&Browser>, kills: usize) {
    std::thread::scope(|scope| {
        let loops = |work: fn(&World)| {
            scope.spawn(move || {
                let _ends = EndsTheWorld(world);
                while world.runs() {
                    work(world);
                }
            });
        };
        (0..CLIENTS).for_each(|_| loops(World::client));
        (0..READERS).for_each(|_| loops(checks::read));
        if let Some(browser) = browser {
            scope.spawn(|| {
                let _ends = EndsTheWorld(world);
                browser.serve(world, world.honest.len() - 1);
            });
        }
        let _ends = EndsTheWorld(world);
        let mut killed = 0;
        while killed < kills && world.runs() {
            std::thread::sleep(Duration::from_millis(random(1600) as u64));
            killed += servers.die(world);
        }
        world.ended.store(true, Ordering::Relaxed);
    });
}

fn lose_nothing(bucket: Bucket, name: &str) {
    let kills = std::env::var("TRUECROP_KILLS").map_or(8, |kills| kills.parse().unwrap());
    let mut servers = Servers::start(&bucket);
    let (browser, made) = browser::pages().map(|_| Browser::start(servers.addresses)).unzip();
    let world = World::new(bucket, servers.addresses, made);
    let begun = Instant::now();
    live(&world, &mut servers, browser.as_ref(), kills);
    let seconds = begun.elapsed().as_secs();
    checks::everything_confirmed_is_served(&world, servers.addresses);
    checks::nothing_unverified_is_served(&world, servers.addresses[0]);
    // The servers sweep too, so they end first.
    servers.running.iter_mut().for_each(Binary::kill);
    let kept = checks::nothing_is_left_over(&world);
    println!("{name}: {kills} kills in {seconds} s, {kept} pictures kept at the end, {:?}", world.counts());
    assert!(kept > 0);
}

#[test]
fn two_servers_that_are_killed_lose_no_confirmed_picture() {
    if let Some(bucket) = Bucket::start_seaweed() {
        lose_nothing(bucket, "SeaweedFS");
    }
}

#[test]
fn two_servers_that_are_killed_lose_no_confirmed_picture_in_another_kind_of_bucket() {
    if let Some(bucket) = Bucket::start() {
        lose_nothing(bucket, "moto");
    }
}
