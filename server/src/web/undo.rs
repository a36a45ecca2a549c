//! The link of a confirmation that takes back what it tells. Opening it changes no choice.

use app::page;
use app::portal::Portal;
use app::routes;
use app::visit::{ByLetter, Mistake, Problem};
use axum::extract::{Path, State};
use axum::http::Method;
use axum::response::{IntoResponse, Redirect, Response};
use domain::moment::DAY;
use domain::outbox::undoable;
use domain::{PersonId, Position};
use tower_sessions::Session;

use super::errors::unavailable;
use super::looking::Looking;
use super::router::Web;
use super::welcome::welcome;
use crate::letters::Veil;

/// Knows who it is, as a personal link does, and takes the token out of the address. Too late, it
/// is a personal link and says so.
pub(super) async fn link(
    State(web): State<Web>,
    Path(token): Path<String>,
    method: Method,
    session: Session,
) -> Response {
    let service = &web.service;
    let Some((letter, until)) = service.vault.read_undo_token(&token) else {
        return Redirect::to(&routes::unknown_link()).into_response();
    };
    let letter = match service.store.find_confirmation(letter).await {
        Ok(Some((person, since, through))) => {
            let (since, through) = (Position(since), Position(through));
            ByLetter { person: PersonId(person), since, through, until }
        }
        Ok(None) => return Redirect::to(&routes::unknown_link()).into_response(),
        Err(_) => return unavailable(),
    };
    let now = service.now();
    let is_in_time = now <= until;
    if now.since(until) > i64::from(service.retired_link_days) * DAY {
        return Redirect::to(&routes::unknown_link()).into_response();
    }
    let who = (letter.person, Veil::Lifted);
    let welcomed = welcome(&web, &method, &session, who, |visit| {
        visit.letter = Some(letter);
        if !is_in_time {
            let (problem, typed) = (Problem::Undo, String::new());
            visit.mistake = Some(Mistake { problem, typed, selected: None });
        }
    });
    match welcomed.await {
        Ok(()) => {
            Redirect::to(if is_in_time { routes::UNDO } else { routes::CHOICES }).into_response()
        }
        Err(()) => unavailable(),
    }
}

/// What the confirmation told, each change with its way back.
pub(super) async fn look(looking: Looking) -> Response {
    let letter = looking.visit.letter(looking.web().service.now());
    let Some(letter) = letter else {
        return Redirect::to(routes::CHOICES).into_response();
    };
    let history = looking.web().service.list_history(letter.person).await;
    let Ok(history) = history else { return unavailable() };
    let told = undoable(&history, letter.since, letter.through);
    if told.is_empty() {
        return Redirect::to(routes::CHOICES).into_response();
    }
    let page = page::undo(&looking.frame(), &history, &told);
    looking.answer(page).await
}
