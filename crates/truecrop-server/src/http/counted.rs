//! Bodies that count their bytes; that of an answer ends the entry of its request in the access log, and its trace.

use crate::access_log::Entry;
use crate::spans;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{Method, Response, header};
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use tracing::Span;

/// The body of a request.
pub struct CountedIn {
    body: Body,
    bytes: Arc<AtomicU64>,
    /// From the first look at it to its end.
    span: Option<Span>,
}

impl CountedIn {
    /// The body, and where its bytes are counted.
    pub fn new(body: Body, bytes: Arc<AtomicU64>) -> Self {
        Self { body, bytes, span: None }
    }

    fn end(&mut self) {
        // It begins no second time.
        if let Some(span) = self.span.replace(Span::none()) {
            span.record("http.request.body.size", self.bytes.load(Ordering::Relaxed));
        }
    }
}

impl Drop for CountedIn {
    fn drop(&mut self) {
        self.end();
    }
}

impl HttpBody for CountedIn {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        if !this.body.is_end_stream() {
            this.span.get_or_insert_with(spans::body);
        }
        let frame = ready!(Pin::new(&mut this.body).poll_frame(context));
        this.bytes.fetch_add(data_bytes(&frame), Ordering::Relaxed);
        if frame.is_none() || this.body.is_end_stream() {
            this.end();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer.
pub struct CountedOut {
    body: Body,
    entry: Entry,
    span: Span,
    bytes_in: Arc<AtomicU64>,
    bytes_out: u64,
    /// As the head of the answer says.
    length: Option<u64>,
    ended: bool,
}

impl CountedOut {
    /// The answer to a request of this method, whose entry is written when its body ends.
    pub fn in_answer(
        answer: Response<Body>,
        method: &Method,
        entry: Entry,
        span: Span,
        bytes_in: Arc<AtomicU64>,
    ) -> Response<Body> {
        let stated = answer.headers().get(header::CONTENT_LENGTH);
        let length = stated.and_then(|value| value.to_str().ok()?.parse().ok());
        let bodiless = method == Method::HEAD || answer.body().is_end_stream();
        answer.map(|body| {
            Body::new(Self { body, entry, span, bytes_in, bytes_out: 0, length, ended: bodiless })
        })
    }
}

impl HttpBody for CountedOut {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        let _inside = this.span.enter();
        let frame = ready!(Pin::new(&mut this.body).poll_frame(context));
        this.bytes_out += data_bytes(&frame);
        this.ended |= frame.is_none() || this.body.is_end_stream();
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for CountedOut {
    fn drop(&mut self) {
        // Who sends so many bytes as the head has stated may not ask for the end.
        let whole = self.ended || self.length.is_some_and(|length| self.bytes_out >= length);
        let bytes_in = self.bytes_in.load(Ordering::Relaxed);
        self.entry.ended(bytes_in, self.bytes_out, whole);
        spans::ended(&self.span, bytes_in, self.bytes_out, whole);
    }
}

fn data_bytes(frame: &Option<Result<Frame<Bytes>, axum::Error>>) -> u64 {
    let frame = frame.as_ref().and_then(|frame| frame.as_ref().ok());
    frame.and_then(Frame::data_ref).map_or(0, |data| data.len() as u64)
}
