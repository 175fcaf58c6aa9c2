//! Bounds what the parser of forms may hold without finding anything in it: what stands before the first part, and the head of a part.
//! It looks through all of that again with each piece that comes, so without a bound the work grows by the square of its length.

use axum::body::{Body, Bytes};
use axum::extract::Request;
use futures::StreamExt;
use std::cell::Cell;

/// Far more than the head of any part. A piece that comes when this much has been in vain is refused.
const MOST: u64 = 16 << 10;

tokio::task_local! {
    /// Bytes that the parser has been given since it found something.
    static GIVEN: Cell<u64>;
}

/// Works on a form whose request is [`watched`].
pub async fn scope<T>(work: impl Future<Output = T>) -> T {
    GIVEN.scope(Cell::new(0), work).await
}

/// The parser has found a part, or some of it.
pub fn found() {
    let _ = GIVEN.try_with(|given| given.set(0));
}

/// The request of a form that is read in a [`scope`].
pub fn watched(request: Request) -> Request {
    request.map(|body| {
        Body::from_stream(futures::stream::unfold(body.into_data_stream(), |mut body| async {
            // The parser takes whatever is there before it looks at any of it: so it gets one piece at a time.
            tokio::task::yield_now().await;
            let piece = body.next().await?.map_err(|error| error.to_string());
            Some((piece.and_then(give), body))
        }))
    })
}

fn give(piece: Bytes) -> Result<Bytes, String> {
    let in_vain = GIVEN.try_with(|given| given.replace(given.get().saturating_add(piece.len() as u64)));
    if in_vain.is_ok_and(|bytes| bytes > MOST) {
        return Err(format!("before its first part, or in the head of a part, are more than {MOST} bytes"));
    }
    Ok(piece)
}
