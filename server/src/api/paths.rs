//! Every URL of the API, spelled once.

/// Where the API begins.
pub const ROOT: &str = "/api";
/// Whatever else lies under it.
pub const REST: &str = "/api/{*rest}";
/// The key that a client calls with.
pub const KEY: &str = "/api/v1/key";
/// May we?
pub const DECISIONS: &str = "/api/v1/decisions";
/// May we, for many.
pub const DECISIONS_BULK: &str = "/api/v1/decisions/bulk";
/// Why a decision is as it is.
pub const WHY: &str = "/api/v1/why";
/// What changes.
pub const CHANGES: &str = "/api/v1/changes";
/// What somebody chose, as a string of the Global Privacy Platform.
pub const GPP: &str = "/api/v1/gpp";
/// That the system obeys what changed, up to a cursor.
pub const CHANGES_ACKNOWLEDGEMENT: &str = "/api/v1/changes/acknowledgement";
/// Choices that were made elsewhere.
pub const CHOICES: &str = "/api/v1/choices";
/// Many of them.
pub const CHOICES_BULK: &str = "/api/v1/choices/bulk";
/// The browser's signal, seen by a site's server.
pub const SIGNALS: &str = "/api/v1/signals";
/// A customer, by the number in the business's own books.
pub const PERSON: &str = "/api/v1/people/{customer_number}";
/// Making one of two customers.
pub const MERGE: &str = "/api/v1/people/{customer_number}/merge";
/// The header fields of a message to a customer, by which mail clients unsubscribe.
pub const UNSUBSCRIBE_HEADERS: &str = "/api/v1/people/{customer_number}/unsubscribe-headers";
/// Text messages that customers send back.
pub const TEXTS: &str = "/api/v1/texts";
/// Checks of a system's audience.
pub const RECONCILIATIONS: &str = "/api/v1/reconciliations";
/// One of them.
pub const RECONCILIATION: &str = "/api/v1/reconciliations/{id}";
/// The broken promises that it found.
pub const INCIDENTS: &str = "/api/v1/reconciliations/{id}/incidents";
/// One of them, by its line in the list.
pub const INCIDENT: &str = "/api/v1/reconciliations/{id}/incidents/{line}";
/// Who may be reached, as a signed file.
pub const SNAPSHOT: &str = "/api/v1/snapshot";
/// The document that describes the API (OpenAPI 3.1).
pub const OPENAPI: &str = "/openapi.json";
/// The same to read.
pub const DOCS: &str = "/docs";
/// Whether the process is up.
pub const HEALTH: &str = "/healthz";
/// Whether it can serve.
pub const READY: &str = "/readyz";
/// Figures for Prometheus.
pub const METRICS: &str = "/metrics";
/// Choices on their way to systems.
pub const DELIVERIES: &str = "/api/v1/deliveries";
/// One of them.
pub const DELIVERY: &str = "/api/v1/deliveries/{id}";
/// That its system obeys.
pub const DELIVERY_ACKNOWLEDGEMENT: &str = "/api/v1/deliveries/{id}/acknowledgement";
/// Telling it again.
pub const DELIVERY_REPLAY: &str = "/api/v1/deliveries/{id}/replay";
/// Telling a range of them again.
pub const DELIVERIES_REPLAY: &str = "/api/v1/deliveries/replay";
/// What is known of a kind of problem; its slug follows.
pub const PROBLEM: &str = "/problems/{slug}";
