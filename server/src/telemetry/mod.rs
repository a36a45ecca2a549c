//! Traces for whoever watches the program from outside (OpenTelemetry, OTLP 1 over HTTP).
//!
//! Off unless an address is given. Attributes are words of this program, patterns of routes and
//! keys of the register: never anything of a person, never an id of a choice.

mod collector;
mod log;
mod spans;

pub use log::{LogForm, start_logging};
pub use spans::{Posted, answered, commit, committed, post, posted, request};

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use std::time::Duration;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

use collector::Collector;

/// The target of the spans that are exported; the log leaves them out.
const SPANS: &str = "sayso::telemetry";
/// Longest time for one delivery to the collector, where `OTEL_EXPORTER_OTLP_TIMEOUT` says nothing.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the last spans may hold up the program's end.
const FAREWELL: Duration = Duration::from_secs(3);

/// Traces can't be exported as it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// Another protocol than the one that is built in.
    #[error("OTEL_EXPORTER_OTLP_PROTOCOL: traces go out by http/protobuf only")]
    Protocol,
    /// The address or another setting can't be used.
    #[error("traces can't be exported: {0}")]
    Setting(String),
}

/// What exports traces, to be ended with the program.
pub struct Traces(SdkTracerProvider);

/// A variable of the environment; an empty one is none (OpenTelemetry, "Environment Variable
/// Specification").
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// Where traces go, if they go anywhere: `given` with the path of traces, unless a variable has an
/// address for traces alone.
fn address(given: Option<&str>) -> Option<String> {
    let disabled = variable("OTEL_SDK_DISABLED").is_some_and(|it| it.eq_ignore_ascii_case("true"));
    let none = variable("OTEL_TRACES_EXPORTER").is_some_and(|it| it == "none");
    if disabled || none {
        return None;
    }
    let given = given.map(str::trim).filter(|text| !text.is_empty());
    let whole = given.map(|base| format!("{}/v1/traces", base.trim_end_matches('/')));
    variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT").or(whole)
}

fn check_protocol() -> Result<(), TelemetryError> {
    let own = variable("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL");
    let protocol = own.or_else(|| variable("OTEL_EXPORTER_OTLP_PROTOCOL"));
    if protocol.is_none_or(|name| name == "http/protobuf") {
        Ok(())
    } else {
        Err(TelemetryError::Protocol)
    }
}

impl Traces {
    /// Begins to export, where an address is given here or by the standard variables.
    ///
    /// # Errors
    /// [`TelemetryError`]. A collector that does not answer is no error.
    pub fn start(given: Option<&str>) -> Result<Option<Self>, TelemetryError> {
        let Some(address) = address(given) else { return Ok(None) };
        check_protocol()?;
        let setting = |error: &dyn std::error::Error| TelemetryError::Setting(error.to_string());
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(address)
            .with_http_client(Collector::new().map_err(|error| setting(&error))?)
            .build()
            .map_err(|error| setting(&error))?;
        let mut resource = Resource::builder();
        let named =
            variable("OTEL_RESOURCE_ATTRIBUTES").is_some_and(|it| it.contains("service.name="));
        if variable("OTEL_SERVICE_NAME").is_none() && !named {
            resource = resource.with_service_name("sayso");
        }
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource.build())
            .build();
        Ok(Some(Self(provider)))
    }

    /// What takes spans to the exporter.
    #[must_use]
    pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        let tracer: SdkTracer = self.0.tracer("sayso");
        tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(|metadata| metadata.is_span() && metadata.target() == SPANS))
    }

    /// Sends what is left, for a few seconds at most.
    pub fn end(self) {
        if let Err(error) = self.0.shutdown_with_timeout(FAREWELL) {
            tracing::debug!(%error, "the last traces are lost");
        }
    }
}
