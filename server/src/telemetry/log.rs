//! The log: lines on standard error.

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use super::{SPANS, Traces};

/// How logs are written.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum LogForm {
    /// A line to read.
    Text,
    /// A JSON object to collect.
    Json,
}

/// Begins to write the log, and to export traces where somebody takes them. Whoever calls it first
/// in a process decides.
pub fn start_logging(form: LogForm, traces: Option<&Traces>) {
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match form {
        LogForm::Text => lines.boxed(),
        LogForm::Json => lines.json().boxed(),
    };
    let started = match traces {
        // One filter for all is cheaper than one for each.
        None => Registry::default().with(lines).with(filter()).try_init(),
        Some(traces) => {
            Registry::default().with(lines.with_filter(filter())).with(traces.layer()).try_init()
        }
    };
    drop(started);
}

/// What the log shows: what `SAYSO_LOG` says, and never the spans that are only exported.
fn filter() -> EnvFilter {
    let filter = EnvFilter::try_from_env("SAYSO_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    match format!("{SPANS}=off").parse() {
        Ok(directive) => filter.add_directive(directive),
        Err(_) => filter,
    }
}
