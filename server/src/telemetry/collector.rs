//! The way to the collector.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use reqwest::redirect::Policy;
use tokio::runtime::Handle;

use super::{PATIENCE, variable};

/// Bytes that are read of an answer.
const BODY: usize = 64 * 1024;

/// Posts to a collector; one that does not answer is mentioned once, until it answers again.
#[derive(Debug)]
pub(super) struct Collector {
    client: reqwest::Client,
    /// The exporter has a thread of its own, where no reactor runs.
    runtime: Handle,
    silent: AtomicBool,
}

/// Milliseconds, as the variables have them.
fn patience() -> Duration {
    let own = variable("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT");
    let text = own.or_else(|| variable("OTEL_EXPORTER_OTLP_TIMEOUT"));
    text.and_then(|text| text.trim().parse().ok()).map_or(PATIENCE, Duration::from_millis)
}

impl Collector {
    pub fn new() -> Result<Self, reqwest::Error> {
        // Whoever comes first installs it; it is the same one.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .timeout(patience())
            .user_agent(concat!("Sayso/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { client, runtime: Handle::current(), silent: AtomicBool::new(false) })
    }

    fn note(&self, trouble: Option<&str>) {
        match trouble {
            Some(why) if !self.silent.swap(true, Ordering::Relaxed) => {
                tracing::warn!("traces don't reach their collector: {why}");
            }
            None if self.silent.swap(false, Ordering::Relaxed) => {
                tracing::warn!("traces reach their collector again");
            }
            _ => {}
        }
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let exchange = async move {
            let mut answer = client.execute(request.try_into()?).await?;
            let (status, mut body) = (answer.status(), Vec::new());
            let headers = answer.headers().clone();
            while let Some(part) = answer.chunk().await? {
                let room = BODY - body.len();
                body.extend_from_slice(&part[..part.len().min(room)]);
                if body.len() == BODY {
                    break;
                }
            }
            Ok::<_, reqwest::Error>((status, headers, body))
        };
        // The address may hold a secret, so it is not told.
        let answered = self.runtime.spawn(exchange).await?.map_err(reqwest::Error::without_url);
        let trouble = match &answered {
            Ok((status, ..)) if status.is_success() => None,
            Ok((status, ..)) => Some(format!("answered {}", status.as_u16())),
            Err(error) if error.is_timeout() => Some("no answer in time".to_owned()),
            Err(error) if error.is_connect() => Some("no connection".to_owned()),
            Err(error) => Some(error.to_string()),
        };
        self.note(trouble.as_deref());
        let (status, headers, body) = answered?;
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}
