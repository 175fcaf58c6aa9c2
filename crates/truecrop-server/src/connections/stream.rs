//! A socket that tells its connection's [`Activity`] what passes through it.

use super::activity::Activity;
use super::refusal::OwnRefusal;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// The socket of one connection.
pub struct WatchedStream {
    stream: TcpStream,
    activity: Arc<Activity>,
    refusal: Option<OwnRefusal>,
}

impl WatchedStream {
    /// The socket, watched.
    pub fn new(stream: TcpStream, activity: Arc<Activity>) -> Self {
        Self { stream, activity, refusal: None }
    }

    /// The socket.
    pub fn into_inner(self) -> TcpStream {
        self.stream
    }

    /// What hyper writes without a request is its own refusal of a head. A problem takes its place.
    fn poll_refuse(&mut self, context: &mut Context<'_>, written: &[u8]) -> Poll<Option<io::Result<usize>>> {
        if self.refusal.is_none() && self.activity.waits_for_a_request() {
            self.refusal = OwnRefusal::in_place_of(written);
        }
        let Some(refusal) = &mut self.refusal else { return Poll::Ready(None) };
        while !refusal.rest().is_empty() {
            match ready!(Pin::new(&mut self.stream).poll_write(context, refusal.rest())) {
                Ok(bytes) => refusal.advance(bytes),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
        Poll::Ready(Some(Ok(written.len())))
    }

    fn note(&self, written: &Poll<io::Result<usize>>) {
        match written {
            Poll::Ready(Ok(bytes)) => self.activity.has_written(Some(*bytes)),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.activity.has_written(None),
        }
    }
}

impl AsyncRead for WatchedStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            this.activity.has_read();
        }
        read
    }
}

impl AsyncWrite for WatchedStream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if let Some(refused) = ready!(this.poll_refuse(context, bytes)) {
            return Poll::Ready(refused);
        }
        let written = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.note(&written);
        written
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let first = slices.iter().find(|slice| !slice.is_empty()).map_or(&[][..], |slice| slice);
        if let Some(refused) = ready!(this.poll_refuse(context, first)) {
            return Poll::Ready(refused);
        }
        let written = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.note(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.stream).poll_flush(context);
        if matches!(flushed, Poll::Ready(Ok(()))) {
            this.activity.has_flushed();
        }
        flushed
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
