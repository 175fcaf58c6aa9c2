//! `POST /v1/images`: reads a form, verifies or makes its pictures within the memory budget, and stores them as pending: all or
//! none.

use super::App;
use super::audit;
use super::body_meter;
use super::form::{self, unparsed};
use super::idempotency::{self, Keyed};
use super::permission::Permission;
use super::response::{Mount, UploadResponse};
use super::verification::{self, Checked};
use crate::problem::Problem;
use crate::store::{About, AuditState, EventKind, Manifest, RequestRecord, Stage};
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::SystemTime;
use truecrop_core::policy::Policy;

/// What became of a form: its pictures by their names.
#[derive(Serialize)]
struct FormResponse {
    images: BTreeMap<String, UploadResponse>,
}

/// A picture of a form, on its way into the store.
struct Entry {
    about: About,
    stored: Option<(Stage, Manifest)>,
    audit: AuditState,
}

impl Entry {
    fn new(app: &App, picture: &Checked, mut about: About, policy: &Policy, subject: Option<&str>) -> Self {
        // From now on, also where a first try began long ago and died: its client has never heard of an audit.
        about.audit = audit::deadline(app, policy, &picture.verified, SystemTime::now());
        about.subject = subject.map(str::to_owned);
        Self { about, stored: None, audit: AuditState::Waiting }
    }
}

/// Reads, verifies and stores a form.
pub async fn upload(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let mount = Mount::of(request.extensions());
    let mut permission = Permission::of(&app, request.headers())?;
    let Some(mut keyed) = app.running().begin(request.headers(), &permission)? else {
        permission.refuse_used(&app).await?;
        return receive(&app, request, permission, None, &mount).await;
    };
    permission.hold_for(keyed.key());
    permission.refuse_used(&app).await?;
    let answer = receive(&app, request, permission, Some(&mut keyed), &mount).await;
    keyed.end().await;
    answer
}

async fn receive(
    app: &App,
    request: Request,
    mut permission: Permission,
    mut keyed: Option<&mut Keyed>,
    mount: &Mount,
) -> Result<Response, Problem> {
    let (request, meter) = body_meter::metered(app, request)?;
    if let Some(keyed) = &mut keyed {
        keyed.lease(app).await?;
    }
    let multipart = Multipart::from_request(unparsed::watched(request), &())
        .await
        .map_err(|e| Problem::new(StatusCode::BAD_REQUEST, "invalid-multipart", e.body_text()))?;
    let read = unparsed::scope(form::read(app, multipart, &mut permission)).await;
    let pictures = read.map_err(|problem| meter.refusal().unwrap_or(problem))?;
    meter.check_end()?;
    // Until the store has them, and this function ends, all are held: the body's memory and what was reserved for each.
    let checked = verification::check_all(app, pictures, permission.policy(), &meter).await?;
    let record = match keyed {
        Some(keyed) => Some(keyed.record(app, &checked).await?),
        None => None,
    };
    if let Some(record) = &record {
        permission.hold_by(record);
    }
    let mut entries = entries(app, &checked, &permission, record.as_ref()).await?;
    if entries.iter().any(|entry| entry.stored.is_none()) {
        permission.spend(app).await?;
        if let Err(problem) = store_all(app, &checked, &mut entries).await {
            permission.give_back(app).await;
            return Err(problem);
        }
        for (_, manifest) in entries.iter().filter_map(|entry| entry.stored.as_ref()) {
            app.store().happened(EventKind::Accepted, manifest.id);
        }
    }
    Ok(answer(&checked, entries, mount))
}

/// New pictures, or those of the same request that was sent before.
async fn entries(
    app: &App,
    checked: &[Checked],
    permission: &Permission,
    record: Option<&RequestRecord>,
) -> Result<Vec<Entry>, Problem> {
    let ttl = app.config().pending_ttl.0;
    let mut entries = Vec::with_capacity(checked.len());
    for picture in checked {
        let known = record.and_then(|record| record.about(&picture.name, ttl));
        let (about, stored) = match known {
            Some(about) => {
                let stored = idempotency::stored_before(app, &about).await;
                (about, stored.map_err(|problem| problem.of_picture(&picture.name))?)
            }
            None => (About::new(ttl)?, None),
        };
        let mut entry = Entry::new(app, picture, about, permission.policy(), permission.subject());
        if let Some((Stage::Pending, manifest)) = &stored
            && manifest.audit.is_some()
        {
            entry.audit = app.store().audit_state(manifest.id).await?;
        }
        entries.push(Entry { stored, ..entry });
    }
    Ok(entries)
}

/// Stores new pictures that somebody may upload under this policy: all or none.
///
/// # Errors
/// Those of the store, and then nothing is stored.
pub async fn store_new(
    app: &App,
    checked: &[Checked],
    policy: &Policy,
    subject: Option<&str>,
) -> Result<Vec<Manifest>, Problem> {
    let mut entries = Vec::with_capacity(checked.len());
    for picture in checked {
        let about = About::new(app.config().pending_ttl.0)?;
        entries.push(Entry::new(app, picture, about, policy, subject));
    }
    store_all(app, checked, &mut entries).await?;
    Ok(entries.into_iter().filter_map(|entry| entry.stored).map(|(_, manifest)| manifest).collect())
}

/// Stores all pictures that are not stored yet, or none of them.
async fn store_all(app: &App, checked: &[Checked], entries: &mut [Entry]) -> Result<(), Problem> {
    for at in 0..entries.len() {
        if entries[at].stored.is_some() {
            continue;
        }
        match app.store().put_about(&checked[at].verified, &entries[at].about).await {
            Ok(manifest) => entries[at].stored = Some((Stage::Pending, manifest)),
            Err(error) => {
                take_back(app, &entries[..at]).await;
                return Err(Problem::from(error).of_picture(&checked[at].name));
            }
        }
    }
    Ok(())
}

/// Removes what was stored of a form that cannot be stored whole. Nobody has been told its ids.
async fn take_back(app: &App, entries: &[Entry]) {
    // What may be sent again stays: the same request may be about to store it whole, or the sweep removes it.
    for entry in entries.iter().filter(|entry| !entry.about.shared) {
        // What cannot be removed now is left to the sweep.
        let _ = app.store().delete(entry.about.id).await;
    }
}

fn answer(checked: &[Checked], entries: Vec<Entry>, mount: &Mount) -> Response {
    let stored = entries.into_iter().filter_map(|entry| Some((entry.stored?, entry.audit)));
    let stored: Vec<((Stage, Manifest), AuditState)> = stored.collect();
    let response = |(picture, ((stage, manifest), audit)): (&Checked, &((Stage, Manifest), AuditState))| {
        let mut image = UploadResponse::new(*stage, manifest, mount);
        if *stage == Stage::Pending {
            image = image.with_audit(manifest, *audit, mount);
        }
        (picture.name.clone(), image.with_verdict(picture.verified.verdict()))
    };
    let images = checked.iter().zip(&stored).map(response).collect();
    let mut headers = HeaderMap::new();
    // Of several pictures, none is the one that was created.
    if let [((_, only), _)] = stored.as_slice() {
        headers.extend(HeaderValue::from_str(&mount.address(only)).ok().map(|at| (header::LOCATION, at)));
    }
    (StatusCode::CREATED, headers, Json(FormResponse { images })).into_response()
}
