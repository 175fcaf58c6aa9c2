//! The router as a service that tells its connection's [`Activity`] where each request begins and each answer ends.

use super::activity::Activity;
use crate::access_log::Peer;
use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{Request, Response};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// The router, for one connection.
pub struct WatchedService {
    router: TowerToHyperService<Router>,
    activity: Arc<Activity>,
    peer: Option<Peer>,
}

impl WatchedService {
    /// The router, watched; `peer`: the client's address, if the system tells it.
    pub fn new(router: Router, activity: Arc<Activity>, peer: Option<Peer>) -> Self {
        Self { router: TowerToHyperService::new(router), activity, peer }
    }
}

impl Service<Request<Incoming>> for WatchedService {
    type Response = Response<WatchedBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(peer);
        }
        self.activity.request_begins();
        let activity = Arc::clone(&self.activity);
        let response = self.router.call(request);
        Box::pin(async move {
            let response = response.await?;
            Ok(response.map(|body| WatchedBody { body, activity }))
        })
    }
}

/// The body of an answer, which ends when this is dropped.
pub struct WatchedBody {
    body: Body,
    activity: Arc<Activity>,
}

impl HttpBody for WatchedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for WatchedBody {
    fn drop(&mut self) {
        self.activity.answer_ends();
    }
}
