//! The only place with SQL.
//!
//! One statement text runs on SQLite and PostgreSQL alike; where the dialects part, a two-arm
//! match stands at the spot. The `Any` driver was tried and left: it knows no uuid and no bool.

mod agent;
mod agent_calls;
mod api_key;
mod arrival;
mod bounce;
mod code;
mod deliveries;
mod delivery;
mod feed;
mod group;
mod idempotency;
mod import;
mod incident;
mod index;
mod ledger;
mod letter;
mod letter_post;
mod link;
mod newcomer;
mod notice;
mod origin;
mod people;
mod people_change;
mod pool;
mod progress;
mod published_head;
mod reconciliation;
mod request;
mod request_closing;
mod request_past;
mod session;
mod short_code;
mod system;

pub use agent::AgentRequestRow;
pub use api_key::ApiKeyRow;
pub use arrival::ArrivalRow;
pub use code::CodeRow;
pub use deliveries::{DeliveryFilter, DeliveryRow};
pub use delivery::{Due, NewDelivery, Told};
pub use group::{Group, Head};
pub use idempotency::Earlier;
pub use import::{Known, NewIdentifier, NewPerson, Sealed};
pub use incident::{CheckRow, SealedRow};
pub use index::{Portrait, Reached};
pub use ledger::LedgerRow;
pub use letter::{NewGathering, NewLetter};
pub use letter_post::{DueLetter, Fate, LetterCount};
pub use newcomer::NewcomerRow;
pub use notice::NoticeRow;
pub use origin::Origin;
pub use people::{IdentifierRow, Mark, PersonRow};
pub use pool::{Store, StoreError};
pub use progress::{OpenDeliveries, StepRow};
pub use published_head::PublishedHead;
pub use reconciliation::{Incident, ReconciliationRow, Tally};
pub use request::{Closing, OpenRequests, RequestFilter, RequestRow};
pub use system::SystemRow;
