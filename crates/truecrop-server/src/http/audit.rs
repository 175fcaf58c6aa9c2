//! Audits: which uploads are asked for their source, and `POST /v1/images/{id}/source`, which brings it.

use super::App;
use super::body_meter::{self, BodyMeter};
use super::response::{Mount, UploadResponse};
use super::spool::spool;
use super::upload_id::{no_such_upload, parse};
use super::verification::blocking;
use super::wanted::Waiter;
use crate::problem::Problem;
use crate::store::{AuditState, Manifest, Settlement, Stage};
use crate::{allocator, metrics};
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use futures::TryStreamExt;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::fs::File;
use std::io::BufReader;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use truecrop_core::policy::Policy;
use truecrop_core::receipt::{Digest, Receipt};
use truecrop_core::verify::{self, Audited, Level, SourceHeaders, SubmittedSource, Verified};
use truecrop_core::{Code, Error};

/// What decides who is asked.
pub struct AuditKey(Vec<u8>);

impl AuditKey {
    /// That of the configuration, or a random one.
    ///
    /// # Errors
    /// [`Code::Io`] when the system gives no random bytes.
    pub fn new(configured: Option<&str>) -> truecrop_core::Result<Self> {
        if let Some(key) = configured {
            return Ok(Self(key.as_bytes().to_vec()));
        }
        let mut key = vec![0; 32];
        getrandom::fill(&mut key).map_err(|e| Error::new(Code::Io, format!("No random bytes: {e}.")))?;
        Ok(Self(key))
    }

    /// Whether this source is asked for, where this share of all is. By the promised digest, so that to send the same photo again does
    /// not draw another lot.
    fn chooses(&self, source: &Digest, share: f64) -> bool {
        let Ok(mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return true };
        let bytes = mac.chain_update(source.bytes()).finalize().into_bytes();
        let lot = bytes.iter().take(4).fold(0, |lot, byte| lot << 8 | u32::from(*byte));
        f64::from(lot) < share * 4_294_967_296.0
    }
}

/// Until when the source of a new upload is awaited, in seconds since 1970; `None` when it is not.
pub fn deadline(app: &App, policy: &Policy, verified: &Verified, asked: SystemTime) -> Option<u64> {
    let audits = &app.config().audits;
    let share = audits.share.max(policy.audit.unwrap_or(0.0));
    let chosen = verified.level() == Level::Committed
        && app.audit_key().chooses(&verified.receipt().source().digest, share);
    let longest = audits.deadline.0.min(app.config().pending_ttl.0);
    chosen.then(|| seconds(asked).saturating_add(longest.as_secs()))
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// An upload as clients see it, with what is asked of it.
///
/// # Errors
/// Those of the store.
pub async fn described(
    app: &App,
    stage: Stage,
    manifest: &Manifest,
    mount: &Mount,
) -> Result<UploadResponse, Problem> {
    let upload = UploadResponse::new(stage, manifest, mount);
    if stage != Stage::Pending || manifest.audit.is_none() {
        return Ok(upload);
    }
    Ok(upload.with_audit(manifest, app.store().audit_state(manifest.id).await?, mount))
}

/// `POST /v1/images/{id}/source`: the source that an upload has promised.
pub async fn source(
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let mount = Mount::of(request.extensions());
    let (stage, manifest) = app.store().find(parse(&id)?).await?.ok_or_else(no_such_upload)?;
    let deadline = manifest.audit.filter(|_| stage == Stage::Pending).ok_or_else(|| {
        let detail = "Nobody asks for the source of this upload.";
        Problem::new(StatusCode::CONFLICT, "no-audit", detail)
    })?;
    match app.store().audit_state(manifest.id).await? {
        AuditState::Waiting if seconds(SystemTime::now()) < deadline => {}
        AuditState::Waiting => {
            let detail = "The source of this upload comes too late: make a new upload.";
            return Err(Problem::new(StatusCode::GONE, "audit-late", detail));
        }
        AuditState::Failed => return Err(unproved(AuditState::Failed)),
        state => return Ok(answer(&manifest, state, &mount)),
    }
    let receipt = app.store().read_receipt(stage, &manifest).await?.ok_or_else(no_such_upload)?;
    let receipt = Receipt::from_json(&receipt, &app.config().limits)?;
    let (request, meter) = body_meter::metered(&app, request)?;
    let broken = |e: axum::Error| Problem::new(StatusCode::BAD_REQUEST, "invalid-request", e.to_string());
    let chunks = request.into_body().into_data_stream().map_err(broken);
    let file =
        spool(chunks, app.config().limits.source_bytes.min(receipt.source().bytes.saturating_add(1))).await;
    let file = file.map_err(|p| meter.refusal().unwrap_or(p))?;
    meter.check_end()?;
    let (settlement, refusal) = match audit(&app, receipt, file, meter).await? {
        Audited::Proved(level) => (Settlement::Proved(level), None),
        Audited::Disproved(error) => (Settlement::Disproved, Some(error)),
    };
    let state = app.store().settle_audit(manifest.id, settlement).await?;
    match (state.ok_or_else(no_such_upload)?, refusal) {
        (state @ AuditState::Passed(_), _) => Ok(answer(&manifest, state, &mount)),
        (_, Some(error)) => Err(error.into()),
        (state, None) => Err(unproved(state)),
    }
}

/// The refusal of an upload whose source has not proved it.
pub fn unproved(state: AuditState) -> Problem {
    let (code, detail) = match state {
        AuditState::Waiting => (
            "audit-pending",
            "The source of this upload is awaited: send it to the address in audit.source first.",
        ),
        _ => (
            "audit-failed",
            "The source of this upload has not proved it, or has not come in time: it cannot be kept.",
        ),
    };
    Problem::new(StatusCode::CONFLICT, code, detail)
}

fn answer(manifest: &Manifest, state: AuditState, mount: &Mount) -> Response {
    Json(UploadResponse::new(Stage::Pending, manifest, mount).with_audit(manifest, state, mount))
        .into_response()
}

/// Checks a source within the memory budget, when its turn has come.
async fn audit(app: &App, receipt: Receipt, mut file: File, meter: BodyMeter) -> Result<Audited, Problem> {
    let turn = Arc::new(app.admission().turn().await?);
    let waiter = Waiter::default();
    let (shared, its_turn, wanted) = (app.clone(), Arc::clone(&turn), waiter.wanted());
    let (receipt, file, bytes) = blocking(move || {
        let _turn = its_turn;
        let limits = &shared.config().limits;
        let headers = SourceHeaders::read(&mut wanted.source(&mut file), &receipt, limits);
        let bytes = verify::memory_bytes(&receipt, Some(&headers), limits);
        Ok((receipt, file, bytes))
    })
    .await?;
    let reservation = app.memory_budget().reserve_within(bytes, app.admission().longest_wait()).await?;
    let (shared, wanted) = (app.clone(), waiter.wanted());
    blocking(move || {
        // The thread goes on for a while when the client has left, and so it holds all of these.
        let _held = (turn, reservation, meter);
        let limits = &shared.config().limits;
        let begun = Instant::now();
        let (result, peak) = allocator::peak_of(|| {
            let reader = Box::new(BufReader::with_capacity(64 << 10, file));
            let source = SubmittedSource::new(reader, &receipt, limits).until(move || !wanted.by_somebody());
            verify::audit(&receipt, source, limits)
        });
        metrics::verification(begun.elapsed(), peak);
        result
    })
    .await
}
