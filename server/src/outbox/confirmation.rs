//! The letter that confirms what somebody chose.

use app::page::names::name;
use app::routes;
use app::texts::{Texts, date, date_time, fill};
use domain::catalogue::{Catalogue, Controller};
use domain::change::WINDOW;
use domain::contact::{Contact, Email, IdentifierKind};
use domain::moment::DAY;
use domain::outbox::{told, undoable};
use domain::{Act, Choice, Language, Moment, PersonId, Position, Target};
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::compose::{Draft, Stationery, Written};
use super::html::Part;
use super::texts::Words;
use crate::service::Service;
use crate::store::{DueLetter, StoreError};
use crate::vault::token_digest;

/// What a confirmation is written with.
struct Pen<'a> {
    catalogue: &'a Catalogue,
    language: Language,
    zone: TimeZone,
    now: Moment,
}

impl Stationery {
    /// Writes a confirmation: everything in its range that still holds, and nothing else.
    pub(super) async fn confirm(
        &self,
        service: &Service,
        due: &DueLetter,
    ) -> Result<Written, StoreError> {
        let (Some(person), Some(since), Some(through)) =
            (due.person_id, due.since.map(Position), due.through.map(Position))
        else {
            return Ok(Err("it is about nobody"));
        };
        let Some(sealed) = service.store.find_address(person).await? else {
            return Ok(Err("there is no address that takes mail"));
        };
        let to = service.vault.open(IdentifierKind::Email.as_str(), &sealed);
        let Some(to) = to.and_then(|text| text.parse::<Email>().ok()) else {
            return Ok(Err("the address can't be opened"));
        };
        let history = service.store.list_choices(PersonId(person)).await?;
        let told = told(&history, since, through, self.confirmed);
        let Some(newest) = told.last() else { return Ok(Err("all of it was taken back")) };
        let Some(row) = service.store.find_person(person).await? else {
            return Ok(Err("it is about nobody"));
        };
        let notice = service.notices.current();
        let Catalogue { controller, languages, .. } = &notice.catalogue;
        let own = row.language.and_then(|tag| tag.parse().ok());
        let language = own.filter(|own| languages.contains(own)).unwrap_or(newest.entry.language);
        let link = self.link(service, person, row.link_epoch).await?;
        let zone = TimeZone::get(&controller.time_zone).unwrap_or(TimeZone::UTC);
        let catalogue = &notice.catalogue;
        let pen = Pen { catalogue, language, zone, now: service.clock.now() };
        let until = pen.now.plus(WINDOW);
        let undo = (!undoable(&history, since, through).is_empty()).then(|| {
            let token = service.vault.undo_token(due.id, until);
            (format!("{}{}", self.base_url, routes::undo_link(&token)), until)
        });
        let subject = Words::of(language).confirmation_subject;
        let draft = Draft {
            due,
            at: pen.now,
            to: Contact::Email(to),
            language,
            subject: fill(subject, &[("brand", &controller.brand)]),
            parts: pen.parts(controller, &history, &told, link, undo),
            why: Words::of(language).why_confirmation,
        };
        Ok(self.finish(controller, draft))
    }

    /// The person's own link, which can only restrict; it works as long as any other of theirs.
    async fn link(
        &self,
        service: &Service,
        person: Uuid,
        epoch: i64,
    ) -> Result<String, StoreError> {
        let token = service.vault.link_token(person, epoch);
        let digest = token_digest(&token).unwrap_or_default();
        service.store.insert_links(&[(digest, person, epoch)]).await?;
        Ok(format!("{}{}", self.base_url, routes::link(&token)))
    }
}

impl Pen<'_> {
    fn parts(
        &self,
        controller: &Controller,
        history: &[Choice],
        told: &[&Choice],
        url: String,
        undo: Option<(String, Moment)>,
    ) -> Vec<Part> {
        let words = Words::of(self.language);
        let mut parts = vec![
            Part::Heading(words.confirmation_heading.to_owned()),
            Part::Words(words.confirmation_lede.to_owned()),
            Part::Changes(told.iter().map(|choice| self.change(history, choice)).collect()),
        ];
        parts.push(Part::Link { label: words.choices.to_owned(), url });
        parts.push(Part::Small(words.changed_mind.to_owned()));
        if let Some((url, until)) = undo {
            let date = self.moment(until);
            parts.push(Part::Way { label: words.undo.to_owned(), url });
            parts.push(Part::Small(fill(words.undo_until, &[("date", &date)])));
        }
        let email = controller.privacy_email.as_str();
        parts.push(Part::Small(fill(words.not_you, &[("email", email)])));
        parts
    }

    fn moment(&self, moment: Moment) -> String {
        date_time(self.language, moment, &self.zone)
    }

    /// One choice: what became of what, since when, under which number.
    fn change(&self, history: &[Choice], choice: &Choice) -> (String, Vec<String>) {
        let (words, texts) = (Words::of(self.language), Texts::of(self.language));
        let entry = &choice.entry;
        let target = name(self.catalogue, self.language, &entry.target);
        let act = self.act(history, entry.act);
        let what = fill(words.change, &[("target", &target), ("act", &act)]);
        let since = fill(words.counts_from, &[("date", &self.moment(entry.at))]);
        let reference = fill(texts.reference, &[("reference", entry.reference.as_str())]);
        let mut details = vec![since, reference];
        if entry.act.is_protective() {
            let end = entry.at.plus(lead_days(self.catalogue, &entry.target) * DAY);
            if end > self.now {
                let end = date(self.language, end, &self.zone);
                details.push(fill(texts.lead_until, &[("date", &end)]));
            }
        }
        (what, details)
    }

    fn act(&self, history: &[Choice], act: Act) -> String {
        let texts = Texts::of(self.language);
        match act {
            Act::Granted => texts.act_granted.to_owned(),
            Act::Withdrawn => texts.act_withdrawn.to_owned(),
            Act::Paused { until } => {
                let until = date(self.language, until, &self.zone);
                fill(texts.act_paused, &[("date", &until)])
            }
            Act::Resumed => texts.act_resumed.to_owned(),
            Act::Requested => texts.act_requested.to_owned(),
            Act::Undone { entry } => {
                let taken = history.iter().find(|known| known.position == entry);
                let reference = taken.map_or("", |known| known.entry.reference.as_str());
                fill(texts.act_undone, &[("reference", reference)])
            }
        }
    }
}

/// Most days for which a message that is already on its way may still arrive after a no.
fn lead_days(catalogue: &Catalogue, target: &Target) -> i64 {
    let messages = catalogue.topics.iter().flat_map(|topic| {
        let message = |channel| Target::Message(topic.key.clone(), channel);
        topic.channels.iter().map(move |rule| (message(rule.channel), rule.lead_days))
    });
    let held = messages.filter(|(message, _)| target.covers(message));
    held.map(|(_, days)| i64::from(days)).max().unwrap_or(0)
}
