//! The demo's page: www/, the installed package, and a way to the service that adds the keys, so that the page holds none.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;
use tower_http::services::ServeDir;

use crate::demo::Service;
use crate::{relative, root};

/// Serves the page until Ctrl-C.
pub fn serve(project: &Path, service: Service, port: u16) -> Result<()> {
    let www = root().join("www");
    let package = project.join("node_modules/nyne-phone-finder/dist");
    let config = json!({ "proxy": "/api/nyne", "emulated": service.is_emulator() });
    // A redirect would take the keys elsewhere. Like Node's fetch, this asks through no proxy that the environment names.
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build()?;
    let app = Router::new()
        .route("/api/nyne/person/phone", get(pass_on).post(pass_on))
        .with_state(Arc::new(Upstream { client, service }))
        .route("/config.json", get(async || Json(config)))
        .nest_service("/nyne-phone-finder", ServeDir::new(package))
        .fallback_service(ServeDir::new(&www))
        .layer(middleware::map_response(unframed));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port))
            .await
            .with_context(|| format!("port {port} cannot be used: choose another with --port"))?;
        println!("\nServing {} at http://{} until Ctrl-C", relative(&www), listener.local_addr()?);
        axum::serve(listener, app).await?;
        Ok(())
    })
}

/// Another site could frame the page, and lead a click to a button that spends credits.
async fn unframed(mut response: Response) -> Response {
    response.headers_mut().insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    response
}

struct Upstream {
    client: reqwest::Client,
    service: Service,
}

/// Asks the service what the page asks, with the keys.
async fn pass_on(
    State(upstream): State<Arc<Upstream>>,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !is_from_the_page(&headers) {
        return (StatusCode::FORBIDDEN, "Only the demo's own page may ask: open the address that was printed.")
            .into_response();
    }
    let Upstream { client, service } = &*upstream;
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let request = client
        .request(method, format!("{}/person/phone{query}", service.address))
        .header("X-API-Key", &service.key)
        .header("X-API-Secret", &service.secret)
        .header(header::CONTENT_TYPE, "application/json")
        .body(body);
    match request.send().await {
        Ok(answer) => answer_of(answer),
        Err(error) => {
            (StatusCode::BAD_GATEWAY, format!("The demo did not reach {}: {error}", service.address)).into_response()
        }
    }
}

/// Other sites can make the same browser send requests here, and those must not spend credits. A site that has its own
/// name lead to this machine gives itself away by `Host`, any other by `Origin`, which comes with every POST.
fn is_from_the_page(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let host = text(header::HOST).unwrap_or_default();
    let name = host.split(':').next().unwrap_or_default();
    ["127.0.0.1", "localhost"].contains(&name)
        && text(header::ORIGIN).is_none_or(|origin| origin.strip_prefix("http://") == Some(host))
}

/// The service's answer, with the headers that the package reads.
fn answer_of(answer: reqwest::Response) -> Response {
    const HEADERS: [&str; 5] = ["content-type", "date", "retry-after", "ratelimit-reset", "x-ratelimit-reset"];
    let (parts, body) = axum::http::Response::from(answer).into_parts();
    let mut response = Response::new(Body::new(body));
    *response.status_mut() = parts.status;
    for (name, value) in &parts.headers {
        if HEADERS.contains(&name.as_str()) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}
