//! The record of processing activities (GDPR Art. 30(1)), from the register.

use app::page::names::{basis, channel_label};
use app::portal::Notice;
use app::texts::{ProofTexts, Texts, country, date, fill, list};
use domain::catalogue::{Catalogue, Recipient, Text};
use domain::{Language, Moment, Target};
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::people::harmless;

/// One activity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Activity {
    /// Its name in the register.
    pub key: String,
    /// What customers call it.
    pub activity: String,
    /// What it is for (b).
    pub purpose: String,
    /// The DPV 2.3 term of that.
    pub term: String,
    /// The lawful basis.
    pub basis: String,
    /// Whose data (c).
    pub people: String,
    /// Which data (c).
    pub data: String,
    /// Who receives it (d).
    pub recipients: String,
    /// Where it goes abroad, and what protects it there (e).
    pub transfers: String,
    /// How long it is kept (f).
    pub retention: String,
    /// How it is protected (g).
    pub security: String,
}

/// The whole record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Record {
    /// The language of its texts.
    pub language: Language,
    /// The notice that it was made from.
    pub notice: i64,
    /// When it was made, as that language writes it.
    pub made_on: String,
    /// Name and contact details of the controller (a).
    pub controller: String,
    /// The data protection officer (a).
    pub officer: String,
    /// Where people may complain.
    pub authority: String,
    /// What is done.
    pub activities: Vec<Activity>,
}

/// Writes in one language.
struct Scribe<'a> {
    catalogue: &'a Catalogue,
    language: Language,
    texts: &'static Texts,
    proof: &'static ProofTexts,
}

/// The record of a notice.
#[must_use]
pub fn record(notice: &Notice, language: Language, now: Moment) -> Record {
    let catalogue = &notice.catalogue;
    let (texts, proof) = (Texts::of(language), ProofTexts::of(language));
    let scribe = Scribe { catalogue, language, texts, proof };
    let controller = &catalogue.controller;
    let zone = TimeZone::get(&controller.time_zone).unwrap_or(TimeZone::UTC);
    let reached = [
        &controller.name,
        &controller.address,
        &controller.privacy_email,
        &controller.privacy_phone,
    ];
    let officer = catalogue.inventory.officer.clone();
    Record {
        language,
        notice: notice.number.0,
        made_on: date(language, now, &zone),
        controller: reached.map(String::as_str).join(" · "),
        officer: officer.unwrap_or_else(|| proof.article30_unsaid.to_owned()),
        authority: format!("{} · {}", controller.authority.name, controller.authority.url),
        activities: scribe.activities(),
    }
}

impl Scribe<'_> {
    fn activities(&self) -> Vec<Activity> {
        let Catalogue { topics, profilings, purposes, exceptions, .. } = self.catalogue;
        let topics = topics.iter().map(|topic| {
            let target = Target::Topic(topic.key.clone());
            let bases: Vec<String> = topic
                .channels
                .iter()
                .map(|rule| {
                    let label = channel_label(self.texts, rule.channel);
                    format!("{label}: {}", basis(self.texts, rule.basis))
                })
                .collect();
            let about = (&topic.label, self.get(&topic.frequency), topic.term.as_str());
            self.activity(&target, about, bases.join("; "), Some(&topic.data), &[])
        });
        let profilings = profilings.iter().map(|known| {
            let target = Target::Profiling(known.key.clone());
            let about = (&known.label, self.get(&known.about), known.term.as_str());
            let basis = basis(self.texts, known.basis).to_owned();
            self.activity(&target, about, basis, Some(&known.about), &[])
        });
        let purposes = purposes.iter().map(|purpose| {
            let target = Target::Purpose(purpose.key.clone());
            let about = (&purpose.label, self.get(&purpose.about), purpose.term.as_str());
            let basis = basis(self.texts, purpose.basis).to_owned();
            self.activity(&target, about, basis, None, &purpose.recipients)
        });
        let exceptions = exceptions.iter().map(|known| {
            let target = Target::Exception(known.key.clone());
            let about = (&known.label, self.get(&known.about), known.term.as_str());
            let basis = format!("{}: {}", self.texts.basis_legal_obligation, known.citation);
            // Its label says who receives what.

            Activity {
                recipients: self.get(&known.label),
                transfers: self.proof.article30_unsaid.to_owned(),
                ..self.activity(&target, about, basis, Some(&known.label), &[])
            }
        });
        topics.chain(profilings).chain(purposes).chain(exceptions).collect()
    }

    fn activity(
        &self,
        target: &Target,
        (label, purpose, term): (&Text, String, &str),
        basis: String,
        data: Option<&Text>,
        recipients: &[Recipient],
    ) -> Activity {
        let inventory = &self.catalogue.inventory;
        let each = |to: &Recipient| format!("{}: {}", to.name, self.get(&to.data));
        let received: Vec<String> = recipients.iter().map(each).collect();
        Activity {
            key: target.to_string(),
            activity: self.get(label),
            purpose,
            term: term.to_owned(),
            basis,
            people: self.said(inventory.people.as_ref()),
            data: data.map_or_else(|| received.join("; "), |data| self.get(data)),
            recipients: self.recipients(recipients),
            transfers: self.transfers(recipients),
            retention: self.said(self.catalogue.retention(target)),
            security: self.said(inventory.security.as_ref()),
        }
    }

    fn recipients(&self, recipients: &[Recipient]) -> String {
        if recipients.is_empty() {
            return self.proof.article30_none.to_owned();
        }
        let names: Vec<String> = recipients
            .iter()
            .map(|to| format!("{} ({})", to.name, country(self.language, &to.country)))
            .collect();
        list(self.language, &names)
    }

    /// What goes to another country than the controller's.
    fn transfers(&self, recipients: &[Recipient]) -> String {
        let home = &self.catalogue.controller.country;
        let abroad = recipients.iter().filter(|to| to.country != *home).map(|to| {
            let place = country(self.language, &to.country);
            format!("{place} ({}): {}", to.name, self.said(self.catalogue.safeguard(&to.key)))
        });
        let abroad: Vec<String> = abroad.collect();
        if abroad.is_empty() { self.proof.article30_none.to_owned() } else { abroad.join("; ") }
    }

    fn get(&self, text: &Text) -> String {
        text.get(self.language).to_owned()
    }

    fn said(&self, text: Option<&Text>) -> String {
        text.map_or_else(|| self.proof.article30_unsaid.to_owned(), |text| self.get(text))
    }
}

impl Activity {
    fn cells(&self) -> [&str; 10] {
        [
            &self.activity,
            &self.purpose,
            &self.term,
            &self.basis,
            &self.people,
            &self.data,
            &self.recipients,
            &self.transfers,
            &self.retention,
            &self.security,
        ]
    }
}

const fn headings(proof: &ProofTexts) -> [&'static str; 10] {
    [
        proof.article30_activity,
        proof.article30_purpose,
        proof.article30_term,
        proof.article30_basis,
        proof.article30_people,
        proof.article30_data,
        proof.article30_recipients,
        proof.article30_transfers,
        proof.article30_retention,
        proof.article30_security,
    ]
}

impl Record {
    /// The record as CSV: a line an activity, with the controller at the end of each.
    ///
    /// # Errors
    /// [`csv::Error`] when memory is all it lacks.
    pub fn to_csv(&self) -> Result<Vec<u8>, csv::Error> {
        let proof = ProofTexts::of(self.language);
        let mut writer = csv::Writer::from_writer(Vec::new());
        let common =
            [proof.article30_controller, proof.article30_officer, proof.article30_authority];
        writer.write_record(headings(proof).into_iter().chain(common).map(harmless))?;
        for activity in &self.activities {
            let common = [&self.controller, &self.officer, &self.authority].map(String::as_str);
            writer.write_record(activity.cells().into_iter().chain(common).map(harmless))?;
        }
        writer.into_inner().map_err(|error| error.into_error().into())
    }

    /// The record as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        format!("{:#}\n", serde_json::json!(self))
    }

    /// The record as a page of its own, to print.
    #[must_use]
    pub fn to_html(&self) -> String {
        let proof = ProofTexts::of(self.language);
        let (lang, dir) = (self.language.tag(), self.language.direction());
        let number = self.notice.to_string();
        let lede = [("date", self.made_on.as_str()), ("number", &number)];
        let lede = escape(&fill(proof.article30_lede, &lede));
        let title = escape(proof.article30_title);
        let about = [
            (proof.article30_controller, &self.controller),
            (proof.article30_officer, &self.officer),
            (proof.article30_authority, &self.authority),
        ];
        let about = about.map(|(term, said)| row(term, said)).concat();
        let activities = self.activities.iter().map(|activity| {
            let rows = headings(proof).into_iter().zip(activity.cells()).skip(1);
            let rows: String = rows.map(|(term, said)| row(term, said)).collect();
            format!("<section><h2>{}</h2><dl>{rows}</dl></section>", escape(&activity.activity))
        });
        let activities: String = activities.collect();
        format!(
            "<!doctype html><html lang=\"{lang}\" dir=\"{dir}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>{title}</title><style>{STYLE}</style></head><body><main><h1>{title}</h1>\
             <p>{lede}</p><dl>{about}</dl>{activities}</main></body></html>\n"
        )
    }
}

/// Enough to read and to print by; the file stands alone.
const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;color:#1b1d22;background:#fff;\
    max-width:52rem;margin:2rem auto;padding:0 1rem}h1,h2{line-height:1.2}h2{margin:2rem 0 .5rem;\
    border-top:1px solid #999;padding-top:1rem}dl div{display:grid;grid-template-columns:12rem 1fr;\
    gap:1rem;padding:.15rem 0}dt{font-weight:600}dd{margin:0}section{break-inside:avoid}\
    @media(max-width:34rem){dl div{display:block}}";

fn row(term: &str, said: &str) -> String {
    format!("<div><dt>{}</dt><dd>{}</dd></div>", escape(term), escape(said))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
