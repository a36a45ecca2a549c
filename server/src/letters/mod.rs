//! Printed letters: codes that are typed by hand or scanned, sheets of labels.

mod address;
mod guard;
mod mint;
mod network;
pub mod press;
mod sheet;

use app::portal::PortalError;
use axum::http::HeaderName;
use domain::moment::DAY;
use domain::{PersonId, ShortCode};

pub use address::address;
pub use guard::Guard;
pub use mint::mint;
pub use network::Network;
pub use sheet::{Label, Paper, Sheet};

use crate::service::Service;

/// Days for which a code in a letter works, where nothing else is asked for: time to print it, to
/// post it, and a year on a kitchen table.
pub const SHORT_CODE_DAYS: u16 = 400;

/// How the doors for people with a letter stand.
#[derive(Clone, Debug)]
pub struct Letterbox {
    /// Days from the export for which a code works; at least 60 (CASL).
    pub short_code_days: u16,
    /// Whether the link kit is shown.
    pub kit: bool,
    /// The header field in which a proxy says where a request comes from.
    pub client_field: Option<HeaderName>,
}

impl Default for Letterbox {
    fn default() -> Self {
        Self { short_code_days: SHORT_CODE_DAYS, kit: false, client_field: None }
    }
}

/// What a code from a letter led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// Somebody's choices. Veiled: too many wrong codes came just before, so whoever guesses must
    /// not learn whose.
    Person(PersonId, Veil),
    /// Nothing: it is unknown or has expired, nobody is told which.
    Nothing,
    /// Nothing, and too many wrong codes came before; after so many seconds one more may.
    TooMany(u32),
}

/// Whether a visit shows of whom it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Veil {
    /// The masked address or number is shown.
    Lifted,
    /// Nothing is shown that tells who it is.
    Drawn,
}

/// Looks a typed code up. A right one is never refused, whatever came before it: it is somebody's
/// way out (16 CFR 316.5). Only wrong ones are counted.
///
/// # Errors
/// [`PortalError::Unavailable`] when the database fails.
pub async fn open(
    service: &Service,
    days: u16,
    guard: &Guard,
    code: &ShortCode,
    from: Network,
) -> Result<Opened, PortalError> {
    let expired = service.clock.now().plus(-i64::from(days) * DAY);
    let digest = service.vault.short_code_digest(code);
    let found = service.store.find_short_code(&digest, expired.0).await.map_err(|error| {
        tracing::error!(%error, "a code from a letter can't be looked up");
        PortalError::Unavailable
    })?;
    let opened = match found {
        Some(person) => {
            let veil = if guard.is_shut(from) { Veil::Drawn } else { Veil::Lifted };
            Opened::Person(PersonId(person), veil)
        }
        None => guard.count(from).map_or_else(Opened::TooMany, |()| Opened::Nothing),
    };
    service.metrics.typed(match opened {
        Opened::Person(_, Veil::Lifted) => "opened",
        Opened::Person(_, Veil::Drawn) => "veiled",
        Opened::Nothing => "unknown",
        Opened::TooMany(_) => "limited",
    });
    Ok(opened)
}
