//! Receipts: to read and print, and as files.

use app::page;
use app::portal::{Portal, PortalError, Who};
use app::routes;
use app::visit::{Deed, What};
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::{Act, Choice, Language, Position, Reference};

use super::errors::unavailable;
use super::looking::{Looking, frame_of};
use crate::proof::{Asked, CONTEXT, Issued, acknowledge, issue};
use crate::qr::Qr;

/// What names a receipt in an address.
enum Number {
    Entry(Position),
    Told(Reference),
}

impl Number {
    fn read(text: &str) -> Option<Self> {
        match text.parse::<Reference>() {
            Ok(reference) => Some(Self::Told(reference)),
            Err(_) => text.parse().ok().map(|place| Self::Entry(Position(place))),
        }
    }

    /// The newest entry of a history that it names.
    fn entry(&self, history: &[Choice]) -> Option<Position> {
        let is = |choice: &&Choice| match self {
            Self::Entry(place) => choice.position == *place,
            Self::Told(reference) => choice.entry.reference == *reference,
        };
        history.iter().rev().find(is).map(|choice| choice.position)
    }
}

/// A receipt that the visitor may see, with the number of an entry that it took back.
struct Shown {
    issued: Issued,
    taken_back: Option<Reference>,
}

/// What whoever asks may have: of what they just did, a receipt; of all that happened, only after a
/// fresh code.
async fn find(looking: &Looking, number: &Number) -> Result<Option<Shown>, PortalError> {
    let just = looking.visit.deed.as_ref().filter(|deed| match number {
        Number::Told(reference) => deed.reference == *reference,
        Number::Entry(_) => true,
    });
    if let (Some(deed), Number::Told(_)) = (just, number)
        && let Who::Handle(_) = deed.who
    {
        return asked(looking, deed).await;
    }
    if let Some(history) = looking.history().await? {
        return of_history(looking, number, &history).await;
    }
    let Some(Deed { who: Who::Person(person), reference, .. }) = just else { return Ok(None) };
    let history = looking.web().service.list_history(*person).await?;
    let mine = number
        .entry(&history)
        .and_then(|place| history.iter().find(|choice| choice.position == place));
    if mine.is_none_or(|choice| choice.entry.reference != *reference) {
        return Ok(None);
    }
    of_history(looking, number, &history).await
}

async fn of_history(
    looking: &Looking,
    number: &Number,
    history: &[Choice],
) -> Result<Option<Shown>, PortalError> {
    let web = looking.web();
    let Some(place) = number.entry(history) else { return Ok(None) };
    let issued = issue(&web.service, &web.base_url, history, place).await?;
    Ok(issued.map(|issued| {
        let taken_back = match issued.entry.act {
            Act::Undone { entry } => history.iter().find(|choice| choice.position == entry),
            _ => None,
        };
        let taken_back = taken_back.map(|choice| choice.entry.reference.clone());
        Shown { issued, taken_back }
    }))
}

async fn asked(looking: &Looking, deed: &Deed) -> Result<Option<Shown>, PortalError> {
    let (Who::Handle(handle), What::OffByForm(target)) = (&deed.who, &deed.what) else {
        return Ok(None);
    };
    let language = looking.frame().language;
    let (reference, at) = (&deed.reference, deed.at);
    let web = looking.web();
    let asked = Asked { handle, target, reference, at, language };
    let issued = acknowledge(&web.service, &web.base_url, &asked).await?;
    Ok(issued.map(|issued| Shown { issued, taken_back: None }))
}

/// Where the way leads for whoever may not see it: to a code, unless they have one already.
async fn elsewhere(looking: &Looking) -> Response {
    match looking.history().await {
        Ok(Some(_)) => StatusCode::NOT_FOUND.into_response(),
        Ok(None) => Redirect::to(routes::CODE).into_response(),
        Err(_) => unavailable(),
    }
}

/// A receipt's page.
pub(super) async fn page(looking: Looking, Path(text): Path<String>) -> Response {
    let Some(number) = Number::read(&text) else { return StatusCode::NOT_FOUND.into_response() };
    let shown = match find(&looking, &number).await {
        Ok(Some(shown)) => shown,
        Ok(None) => return elsewhere(&looking).await,
        Err(_) => return unavailable(),
    };
    let page = render(&looking, &shown, &text);
    looking.answer(page).await
}

fn render(looking: &Looking, shown: &Shown, number: &str) -> page::Rendered {
    let Shown { issued, taken_back } = shown;
    let Issued { summary, signature, .. } = issued;
    let web = looking.web();
    let language: Language = looking.frame().language;
    // Its words are those of the notice of the time.
    let frame = frame_of(web, issued.notice.clone(), looking.uri.path(), language);
    let check = format!("{}{}?{}", web.base_url, routes::VERIFY, summary.to_query(signature));
    let code = Qr::of(&check).ok().map(|code| code.svg());
    page::receipt(
        &frame,
        &page::Receipt {
            entry: &issued.entry,
            position: issued.position,
            taken_back: taken_back.as_ref(),
            events: &issued.events,
            principal: &summary.principal,
            hash: &summary.hash,
            key: &summary.key,
            check: &check,
            code: code.as_deref(),
            number,
        },
    )
}

/// A receipt as a file.
pub(super) async fn json(looking: Looking, Path(text): Path<String>) -> Response {
    let Some(number) = Number::read(&text) else { return StatusCode::NOT_FOUND.into_response() };
    match find(&looking, &number).await {
        Ok(Some(Shown { issued, .. })) => file(&issued),
        Ok(None) => elsewhere(&looking).await,
        Err(_) => unavailable(),
    }
}

fn file(issued: &Issued) -> Response {
    let text = format!("{:#}\n", issued.receipt);
    let name = format!("attachment; filename=\"receipt-{}.json\"", issued.entry.reference);
    let kind = HeaderValue::from_static("application/ld+json");
    let name = HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment"));
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], text).into_response()
}

/// What the names in receipts mean.
pub(super) async fn context() -> Response {
    let kind = HeaderValue::from_static("application/ld+json");
    let keep = HeaderValue::from_static("public, max-age=31536000, immutable");
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, keep)], CONTEXT).into_response()
}
