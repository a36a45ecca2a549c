//! From a waiting letter to one that goes out: written in the moment of sending, so that it says
//! what is so now.

use app::routes;
use app::texts::{Texts, fill};
use domain::catalogue::Controller;
use domain::contact::{Contact, Email};
use domain::outbox::{Confirmed, Kind};
use domain::{Language, Moment};

use super::content::{Content, Says, opened};
use super::html::{Part, Sheet};
use super::texts::Words;
use crate::ports::{Letter, Sender};
use crate::service::Service;
use crate::store::{DueLetter, StoreError};

/// What all letters of an installation share.
#[derive(Clone, Debug)]
pub struct Stationery {
    /// Address that customers use, without a slash at the end.
    pub base_url: String,
    /// Whom letters are from; none where the register says it.
    pub from: Option<Sender>,
    /// Whose choices are confirmed.
    pub confirmed: Confirmed,
}

/// A letter, or why there is none to send.
pub(super) type Written = Result<Letter, &'static str>;

/// What one letter adds to the stationery.
pub(super) struct Draft<'a> {
    pub due: &'a DueLetter,
    pub at: Moment,
    pub to: Contact,
    pub language: Language,
    pub subject: String,
    pub parts: Vec<Part>,
    /// Why there is this letter.
    pub why: &'static str,
}

impl Stationery {
    pub(super) async fn compose(
        &self,
        service: &Service,
        kind: Kind,
        due: &DueLetter,
    ) -> Result<Written, StoreError> {
        if kind == Kind::Confirmation {
            return self.confirm(service, due).await;
        }
        let content = due.sealed.as_deref().and_then(|sealed| opened(sealed, &service.vault));
        let Some(Content { to, language, says }) = content else {
            return Ok(Err("its seal can't be opened"));
        };
        let at = Moment(due.created_at);
        let words = Words::of(language);
        let notice = service.notices.current();
        let controller = &notice.catalogue.controller;
        let (subject, parts, why) = match says {
            Says::Code(code) => {
                let (subject, parts) = code_letter(language, &controller.brand, &code);
                (subject, parts, words.why_code)
            }
            Says::Words { subject, body } if kind == Kind::Alert => {
                return Ok(self.note(controller, due, to, subject, body));
            }
            Says::Words { subject, body } => {
                let parts = body.split("\n\n").map(|part| Part::Words(part.trim().to_owned()));
                (subject, parts.collect(), words.why_answer)
            }
        };
        let draft = Draft { due, at, to, language, subject, parts, why };
        Ok(self.finish(controller, draft))
    }

    /// Puts a draft on the stationery.
    pub(super) fn finish(&self, controller: &Controller, draft: Draft<'_>) -> Written {
        let Draft { due, at, to, language, subject, parts, why } = draft;
        let words = Words::of(language);
        let phone = upright(language, &controller.privacy_phone);
        let values = [("email", controller.privacy_email.as_str()), ("phone", &phone)];
        let portal = routes::in_language(routes::CHOICES, language);
        let portal = format!("{}{portal}", self.base_url);
        let foot = [
            why.to_owned(),
            fill(words.portal, &[("url", &portal)]),
            fill(words.reach, &values),
            format!("{}, {}", controller.name, controller.address),
        ];
        let brand = controller.brand.as_str();
        let sheet = Sheet { language, title: &subject, brand, parts: &parts, foot: &foot };
        let (body, html) = (sheet.text(), Some(sheet.html()));
        let from = self.sender(controller)?;
        Ok(Letter { id: due.id, at, from, to, language, subject, body, html })
    }

    /// A word to staff: plain text.
    fn note(
        &self,
        controller: &Controller,
        due: &DueLetter,
        to: Contact,
        subject: String,
        body: String,
    ) -> Written {
        let from = self.sender(controller)?;
        let (at, language) = (Moment(due.created_at), Language::English);
        Ok(Letter { id: due.id, at, from, to, language, subject, body, html: None })
    }

    fn sender(&self, controller: &Controller) -> Result<Sender, &'static str> {
        if let Some(from) = &self.from {
            return Ok(from.clone());
        }
        let email: Email = controller
            .privacy_email
            .parse()
            .map_err(|_| "the register's privacy email is no address")?;
        Ok(Sender { name: controller.brand.clone(), email })
    }
}

/// A phone number that is read from left to right within Arabic, too (Unicode UAX 9, isolates).
fn upright(language: Language, phone: &str) -> String {
    match language.direction() {
        "rtl" => format!("\u{2066}{phone}\u{2069}"),
        _ => phone.to_owned(),
    }
}

/// A letter with a code: what the pages' texts say, and the code so that it is found at once.
fn code_letter(language: Language, brand: &str, code: &str) -> (String, Vec<Part>) {
    let texts = Texts::of(language);
    let values = [("brand", brand)];
    let body = fill(texts.code_mail_body, &values);
    // The stationery has the brand already.
    let paragraphs = body.split("\n\n").map(str::trim).filter(|part| *part != brand);
    let parts = paragraphs.map(|words| {
        if words.contains("{code}") {
            Part::Code { words: words.to_owned(), code: code.to_owned() }
        } else {
            Part::Words(words.to_owned())
        }
    });
    (fill(texts.code_mail_subject, &values), parts.collect())
}
