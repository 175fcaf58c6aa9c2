//! Loads the server: `truecrop-load BINARY PHOTO [SECONDS] [CLIENTS...]` starts the binary for each level of verification and number of clients,
//! without and with clients that stall, and prints what it served and held.
//!
//! Each client uploads the same crop again and again over one connection. Told to come again, it waits as long as it was told.

mod client;
mod server;
mod stalled;
mod upload;

use client::Tally;
use server::Server;
use std::process::ExitCode;
use std::time::Duration;
use truecrop_core::verify::Level;

/// Clients that stall, in the runs that have some.
const STALLED: usize = 200;

/// How long the server has to give memory back after the load.
const CALM: Duration = Duration::from_secs(3);

struct Options {
    binary: String,
    photo: String,
    time: Duration,
    clients: Vec<usize>,
}

impl Options {
    fn parse(mut words: impl Iterator<Item = String>) -> Option<Self> {
        let (binary, photo) = (words.next()?, words.next()?);
        let seconds = words.next().map_or(Some(10), |word| word.parse().ok())?;
        let clients: Vec<usize> = words.map(|word| word.parse().ok()).collect::<Option<_>>()?;
        let clients = if clients.is_empty() { vec![1, 16, 256] } else { clients };
        Some(Self { binary, photo, time: Duration::from_secs(seconds), clients })
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let Some(options) = Options::parse(std::env::args().skip(1)) else {
        eprintln!("truecrop-load BINARY PHOTO [SECONDS] [CLIENTS...]");
        return ExitCode::from(2);
    };
    match run(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("truecrop-load: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    println!(
        "| level | clients | stalled | uploads/s | p50 ms | p99 ms | longest ms | told to come again | failed | peak MiB | final MiB |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for level in [Level::Result, Level::Source] {
        let body = upload::body(&options.photo, level)?;
        for &clients in &options.clients {
            for stalled in [0, STALLED] {
                let server = Server::start(&options.binary, level).await?;
                let stalling = stalled::begin(server.address(), stalled, body.clone());
                let tally = client::load(server.address(), clients, &body, options.time).await;
                drop(stalling);
                tokio::time::sleep(CALM).await;
                print(level, clients, stalled, &tally, options.time, &server);
            }
        }
    }
    Ok(())
}

fn print(level: Level, clients: usize, stalled: usize, tally: &Tally, time: Duration, server: &Server) {
    let level = if level == Level::Source { "source" } else { "result" };
    let rate = tally.times.len() as f64 / time.as_secs_f64();
    let ms = |share: f64| tally.quantile(share).as_secs_f64() * 1000.0;
    println!(
        "| {level} | {clients} | {stalled} | {rate:.0} | {:.1} | {:.1} | {:.1} | {} | {} | {:.0} | {:.0} |",
        ms(0.5),
        ms(0.99),
        ms(1.0),
        tally.busy,
        tally.failed,
        server.mebibytes("VmHWM"),
        server.mebibytes("VmRSS"),
    );
}
