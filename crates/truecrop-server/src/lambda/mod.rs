//! The same as an AWS Lambda function: the HTTP API, and `events` that are no requests.
//!
//! Requests and responses have at most 6 MB with their base64: about 4.4 MB of upload. The configuration comes from the
//! environment: `TRUECROP_STORE`, `TRUECROP_CONFIG`. The store should be a URL: a folder of a function disappears with
//! it, which is good enough for a trial only, so it is warned about.

mod events;
mod memory;

use crate::cli::ServeOptions;
use crate::commands::serve::set_options;
use crate::config::Config;
use crate::http::{self, App, Mount};
use crate::problem::Problem;
use crate::traces::Traces;
use crate::{emf, print};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Json, Response};
use lambda_http::lambda_runtime::Diagnostic;
use lambda_http::request::RequestContext;
use lambda_http::{RequestExt, service_fn};
use tower::ServiceExt;
use truecrop_core::{Code, Error, Result};

/// Whether this process runs as a Lambda function.
pub fn is_lambda() -> bool {
    std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some()
}

/// Handles invocations until the Lambda runtime ends the process.
///
/// # Errors
/// As `truecrop serve`; [`Code::Io`] when the Lambda runtime cannot be reached.
pub fn run() -> Result<(), Problem> {
    let variable = |name: &str| std::env::var(name).ok();
    let options = ServeOptions {
        store: variable("TRUECROP_STORE"),
        config: variable("TRUECROP_CONFIG").map(Into::into),
        otlp_endpoint: variable("OTEL_EXPORTER_OTLP_ENDPOINT"),
        service_name: variable("OTEL_SERVICE_NAME"),
        ..ServeOptions::default()
    };
    let config = load(&options)?;
    let failed = |e: &dyn std::fmt::Display| Error::new(Code::Io, format!("Lambda: {e}."));
    let runtime = tokio::runtime::Runtime::new().map_err(|e| failed(&e))?;
    let traces = Traces::start(&config, runtime.handle())?;
    print::init_json_log(traces.as_ref().map(Traces::layer));
    emf::start(config.memory_budget);
    if !config.store.contains("://") {
        tracing::warn!("the store is a folder of this function: uploads are lost when the function ends");
    }
    if config.api_key.is_none() {
        tracing::warn!("no api_key: whoever can call this function can confirm and delete uploads");
    }
    let ended: Result<()> = runtime.block_on(async {
        let app = App::new(config).await?;
        let router = http::router(app.clone());
        let handler = service_fn(move |event| answer(app.clone(), router.clone(), traces.clone(), event));
        lambda_http::run(handler).await.map_err(|e| failed(&e))
    });
    Ok(ended?)
}

/// The configuration, whose memory is what the function has.
fn load(options: &ServeOptions) -> Result<Config, Problem> {
    let size = std::env::var("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").ok().and_then(|size| size.parse().ok());
    let mut source_bytes = 0;
    let mut config = Config::load(options.config.as_deref(), |config| {
        set_options(config, options);
        source_bytes = config.limits.source_bytes;
        if let Some(size) = size {
            memory::fit(config, size);
        }
    })?;
    // AWS bounds what a request brings; a source in the bucket is never held.
    config.limits.source_bytes = source_bytes;
    Ok(config)
}

/// The answer to a request, or what another event came to.
async fn answer(
    app: App,
    router: Router,
    traces: Option<Traces>,
    event: lambda_http::Request,
) -> Result<Response, Failure> {
    let is_request = is_request(&event);
    let answered = respond(&app, router, event).await;
    // Between two calls a function does nothing, so this is sent before the answer.
    if let Some(webhooks) = app.webhooks() {
        webhooks.send_waiting().await;
    }
    // What other events do is not traced.
    let Some(traces) = traces.filter(|_| is_request) else { return answered };
    let answered = match answered {
        Ok(answer) => Ok(with_whole_body(answer).await),
        failure => failure,
    };
    traces.flush().await;
    answered
}

/// A trace ends with the answer's last byte. The function's runtime collects the body in any case.
async fn with_whole_body(answer: Response) -> Response {
    let (head, body) = answer.into_parts();
    let body = match axum::body::to_bytes(body, usize::MAX).await {
        Ok(bytes) => bytes.into(),
        Err(error) => Body::from_stream(futures::stream::iter([Err::<Bytes, _>(error)])),
    };
    Response::from_parts(head, body)
}

fn is_request(event: &lambda_http::Request) -> bool {
    !matches!(event.request_context_ref(), Some(RequestContext::PassThrough))
}

async fn respond(app: &App, router: Router, event: lambda_http::Request) -> Result<Response, Failure> {
    if is_request(&event) {
        let Ok(response) = router.oneshot(without_stage(event)).await;
        return Ok(response);
    }
    let text = std::str::from_utf8(event.body()).unwrap_or_default();
    // An event that fails comes again: the runtime is told by an error, not by an answer.
    events::handle(app, text).await.map(|done| Json(done).into_response()).map_err(|problem| {
        tracing::error!(code = problem.code(), "an event failed");
        Failure(problem)
    })
}

/// An invocation that has failed.
#[derive(Debug)]
struct Failure(Problem);

impl From<Failure> for Diagnostic {
    fn from(Failure(problem): Failure) -> Self {
        Self { error_type: problem.code().to_owned(), error_message: problem.to_json() }
    }
}

/// The request at the path that the application knows. `lambda_http` puts the stage of API Gateway before every path, and
/// HTTP APIs do so themselves.
fn without_stage(mut request: lambda_http::Request) -> lambda_http::Request {
    let (stage, asked) = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV1(context)) => (context.stage.clone(), context.path.clone()),
        Some(RequestContext::ApiGatewayV2(context)) => (context.stage.clone(), context.http.path.clone()),
        _ => return request,
    };
    let raw = request.raw_http_path().to_owned();
    let path = strip_stage(&raw, stage.as_deref().unwrap_or_default());
    // What the client has put before the path, it must put before those in the answer too.
    if let Some(mount) = asked.as_deref().and_then(|asked| asked.strip_suffix(path)) {
        request.extensions_mut().insert(Mount(mount.to_owned()));
    }
    let with_query = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    // The path of an event that is no path stays as it is, and there is nothing at it.
    if let Ok(uri) = with_query.parse() {
        *request.uri_mut() = uri;
    }
    request
}

/// The path without the stage, if it begins with it. A stage may be called `v1`: what follows must be an address too.
fn strip_stage<'a>(path: &'a str, stage: &str) -> &'a str {
    let rest = path.strip_prefix('/').and_then(|path| path.strip_prefix(stage));
    match rest {
        Some(rest) if rest.starts_with('/') && (stage != "v1" || rest.starts_with("/v1/")) => rest,
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::strip_stage;

    #[test]
    fn a_stage_is_taken_off_once_and_only_where_it_is_one() {
        for (path, stage, stripped) in [
            ("/prod/v1/images", "prod", "/v1/images"),
            ("/v1/images", "prod", "/v1/images"),
            ("/prod/prod/v1/images", "prod", "/prod/v1/images"),
            ("/production/v1/images", "prod", "/production/v1/images"),
            ("/v1/v1/images", "v1", "/v1/images"),
            ("/v1/images", "v1", "/v1/images"),
            ("/v1/images", "$default", "/v1/images"),
            ("/prod", "prod", "/prod"),
            ("", "prod", ""),
        ] {
            assert_eq!(strip_stage(path, stage), stripped, "{path} of {stage}");
        }
    }
}
