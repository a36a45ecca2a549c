//! What every server function needs.

use std::sync::Arc;

use domain::{Language, Moment, Refusal, Source, Wish};
use leptos::prelude::{ServerFnError, expect_context};
use leptos_axum::{ResponseOptions, extract};
use tower_sessions::Session;

use crate::portal::{By, Portal, PortalError, Recorded, Who};
use crate::routes;
use crate::visit::{Mistake, Problem, Visit};

/// Who calls a server function, put into its context by the server.
#[derive(Clone)]
pub struct Caller {
    /// The server.
    pub portal: Arc<dyn Portal>,
    /// The language of the page that the form stood on.
    pub language: Language,
}

/// One call of a server function.
pub(super) struct Call {
    pub portal: Arc<dyn Portal>,
    pub language: Language,
    pub session: Session,
    pub visit: Visit,
    pub now: Moment,
}

/// A failure that the visitor is told of on a page of its own.
pub(super) type Answer = Result<(), ServerFnError>;

impl Call {
    pub async fn begin() -> Result<Self, ServerFnError> {
        let Caller { portal, language } = expect_context::<Caller>();
        let session: Session = extract().await.map_err(|_| unavailable())?;
        let now = portal.now();
        let visit = Visit::load(&session, now).await.map_err(|_| unavailable())?;
        Ok(Self { portal, language, session, visit, now })
    }

    pub fn by(&self, source: Source) -> By {
        By { assurance: self.visit.assurance(self.now), source, language: self.language }
    }

    /// Records a wish. What the visitor sees next is at least as new.
    pub async fn record(&mut self, who: Who, wish: Wish, by: By) -> Result<Recorded, PortalError> {
        let done = self.portal.record(who, wish, by).await?;
        self.visit.version = self.visit.version.max(done.version);
        Ok(done)
    }

    /// Keeps the visit and sends the visitor on.
    pub async fn go(mut self, to: &str) -> Answer {
        self.visit.save(&self.session, self.now).await.map_err(|_| unavailable())?;
        see_other(to);
        Ok(())
    }

    /// The same under a new session id: the visit has just come to know who is here.
    pub async fn enter(mut self, to: &str) -> Answer {
        self.visit.save_renewed(&self.session, self.now).await.map_err(|_| unavailable())?;
        see_other(to);
        Ok(())
    }

    /// Sends the visitor on to see what was wrong, with all that was typed.
    pub async fn mend(mut self, mistake: Mistake, to: &str) -> Answer {
        self.visit.mistake = Some(mistake);
        self.go(to).await
    }

    /// Tells of an error where its page is.
    pub async fn fail(self, error: PortalError, to: &str) -> Answer {
        let problem = match error {
            PortalError::Unavailable => return Err(unavailable()),
            PortalError::TooMany(_) => Problem::Many,
            PortalError::Refused(refusal) => problem(refusal),
        };
        self.mend(Mistake { problem, typed: String::new(), selected: None }, to).await
    }
}

/// What was typed, as far as a page can show it again: it has no way of writing NUL, and what is
/// too long for a session is no address that anybody would miss.
pub(super) fn shown_again(typed: &str) -> String {
    typed.chars().filter(|letter| *letter != '\0').take(300).collect()
}

/// Answers with 303, so that the browser fetches the page and a reload repeats nothing.
pub(super) fn see_other(to: &str) {
    let response = expect_context::<ResponseOptions>();
    if let Ok(value) = http::HeaderValue::from_str(to) {
        response.insert_header(http::header::LOCATION, value);
        response.set_status(http::StatusCode::SEE_OTHER);
    }
}

/// Marks the answer as a failure of ours; the server shows a page for it.
pub(super) fn unavailable() -> ServerFnError {
    expect_context::<ResponseOptions>().set_status(http::StatusCode::SERVICE_UNAVAILABLE);
    ServerFnError::new("unavailable")
}

pub(super) const fn problem(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::UnknownTarget => Problem::Target,
        Refusal::RequiredByLaw => Problem::Law,
        Refusal::NeedsCode | Refusal::NeedsEvidence => Problem::Session,
        Refusal::OneAtATime => Problem::One,
        Refusal::Stale => Problem::Stale,
        Refusal::NotUndoable => Problem::Undo,
        Refusal::NotAPause => Problem::Pause,
        Refusal::Minor => Problem::Minor,
    }
}

/// The choices page, at the place of a switch.
pub(super) fn back_to(anchor: Option<String>) -> String {
    match anchor {
        Some(anchor) => format!("{}#{anchor}", routes::CHOICES),
        None => routes::CHOICES.to_owned(),
    }
}
