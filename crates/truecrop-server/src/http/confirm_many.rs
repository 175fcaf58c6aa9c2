//! `POST /v1/images/confirm`: confirms several uploads, each by itself. For back ends that use the pictures of a whole form.

use super::App;
use super::credentials::authorise;
use super::images::confirm_one;
use super::response::{Mount, UploadResponse};
use crate::problem::Problem;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Json;
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use truecrop_core::{Code, Error};

/// Most uploads of one request.
const MOST: usize = 100;

/// Longest body.
const MOST_BYTES: usize = 16 << 10;

/// How many are confirmed at the same time.
const AT_ONCE: usize = 4;

/// `{"ids": [...]}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    ids: Vec<String>,
}

/// What became of each, in the order of the request.
#[derive(Serialize)]
pub struct Confirmations {
    images: Vec<Confirmation>,
}

/// Either `image` or `problem`, with the status that a confirm of this one alone would have had.
#[derive(Serialize)]
struct Confirmation {
    id: String,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<UploadResponse>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
}

/// Confirms each. Confirming again is no error.
pub async fn confirm_many(State(app): State<App>, request: Request) -> Result<Json<Confirmations>, Problem> {
    authorise(&app, request.headers())?;
    let mount = Mount::of(request.extensions());
    let body = axum::body::to_bytes(request.into_body(), MOST_BYTES).await.map_err(|_| {
        let error = Error::new(Code::TooManyBytes, "These are more ids than one request may have.");
        Problem::from(error.at("body").figures(MOST_BYTES as u64, format!("more than {MOST_BYTES}")))
    })?;
    let invalid = |why: String| {
        let detail = format!("Send {{\"ids\": [...]}} with 1 to {MOST} ids of uploads: {why}.");
        Problem::new(StatusCode::BAD_REQUEST, "invalid-request", detail)
    };
    let wanted: Wanted = serde_json::from_slice(&body).map_err(|e| invalid(e.to_string()))?;
    if wanted.ids.is_empty() || wanted.ids.len() > MOST {
        return Err(invalid(format!("these are {}", wanted.ids.len())));
    }
    let each = wanted.ids.into_iter().map(|id| {
        let (app, mount) = (&app, &mount);
        async move {
            let (status, image, problem) = match confirm_one(app, &id, mount).await {
                Ok(image) => (StatusCode::OK.as_u16(), Some(image), None),
                Err(problem) => (problem.status(), None, Some(problem)),
            };
            Confirmation { id, status, image, problem }
        }
    });
    let images = futures::stream::iter(each).buffered(AT_ONCE).collect().await;
    Ok(Json(Confirmations { images }))
}
