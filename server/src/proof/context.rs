//! What the names in a receipt mean (JSON-LD 1.1 context).

/// The context, as it is served. It never changes: another one would have another address.
///
/// It maps the field names of ISO/IEC TS 27560:2023 to the properties that W3C's guide
/// "consent-27560" (15 February 2026) gives them, and what is Sayso's own to names of its own.
pub const CONTEXT: &str = include_str!("context-1.json");
