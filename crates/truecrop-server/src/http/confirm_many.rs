//! `POST /v1/images/confirm`: confirms several uploads, each by itself. For back ends that use the pictures of a whole form.

use super::App;
use super::images::{authorise, confirm_one};
use super::problem::Problem;
use super::response::{Mount, UploadResponse};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::Json;
use futures::StreamExt;
use serde::{Deserialize, Serialize};

/// Most uploads of one request.
const MOST: usize = 100;

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
pub async fn confirm_many(
    State(app): State<App>,
    headers: HeaderMap,
    extensions: Extensions,
    body: Bytes,
) -> Result<Json<Confirmations>, Problem> {
    authorise(&app, &headers)?;
    let invalid = |why: String| {
        let detail = format!("Send {{\"ids\": [...]}} with 1 to {MOST} ids of uploads: {why}.");
        Problem::new(StatusCode::BAD_REQUEST, "invalid-request", detail)
    };
    let wanted: Wanted = serde_json::from_slice(&body).map_err(|e| invalid(e.to_string()))?;
    if wanted.ids.is_empty() || wanted.ids.len() > MOST {
        return Err(invalid(format!("these are {}", wanted.ids.len())));
    }
    let mount = Mount::of(&extensions);
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
