//! Clients that stall: they say nothing, half a head, or half a body, and come again when the server closes.

use crate::upload::FORM;
use bytes::Bytes;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// So many of them, until they are aborted.
pub fn begin(address: SocketAddr, clients: usize, body: Bytes) -> JoinSet<()> {
    let head = format!(
        "POST /v1/images HTTP/1.1\r\nHost: load\r\nContent-Type: {FORM}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let kinds = [
        Bytes::new(),
        Bytes::from(head.as_bytes()[..head.len() / 2].to_vec()),
        Bytes::from([head.as_bytes(), &body[..body.len() / 2]].concat()),
    ];
    (0..clients).map(|number| stall(address, kinds[number % kinds.len()].clone())).collect()
}

async fn stall(address: SocketAddr, said: Bytes) {
    loop {
        if let Ok(mut stream) = TcpStream::connect(address).await {
            let _ = stream.write_all(&said).await;
            let mut answer = [0; 1024];
            while matches!(stream.read(&mut answer).await, Ok(1..)) {}
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
