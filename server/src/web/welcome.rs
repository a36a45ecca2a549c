//! Whoever opens a link or a code of theirs: known from now on, under a new session id.

use app::portal::Portal;
use app::visit::Visit;
use axum::http::Method;
use domain::PersonId;
use tower_sessions::Session;

use super::router::Web;
use super::sessions::may_keep;
use crate::letters::Veil;

/// Begins a visit that may restrict and nothing else, with what `then` adds to it. Asked with a
/// method that only looks ahead, it keeps nothing.
pub(super) async fn welcome(
    web: &Web,
    method: &Method,
    session: &Session,
    (person, veil): (PersonId, Veil),
    then: impl FnOnce(&mut Visit),
) -> Result<(), ()> {
    if !may_keep(method) {
        return Ok(());
    }
    let now = web.service.now();
    let masked = match veil {
        Veil::Drawn => None,
        Veil::Lifted => Some(web.service.find_mask(person).await.map_err(drop)?),
    };
    let mut visit = Visit::load(session, now).await.map_err(drop)?;
    match masked {
        None => visit.welcome_veiled(person),
        Some(masked) => visit.welcome(person, masked),
    }
    then(&mut visit);
    visit.save_renewed(session, now).await.map_err(drop)
}
