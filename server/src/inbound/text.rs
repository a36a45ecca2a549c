//! Text messages that customers send back (47 CFR 64.1200(a)(10)).

use std::fmt;

use app::portal::{By, Handle, Portal, PortalError, Who};
use app::texts::{Texts, fill};
use domain::change::Assurance;
use domain::contact::{Contact, disguises};
use domain::reply::{Said, hear};
use domain::request::{Manner, Nature};
use domain::{Channel, Language, PersonId, Position, Source, Target, Wish};
use sha2::{Digest, Sha256};
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::filing::{Filed, Matter, file, language, not_kept};
use super::{Doors, NotKept, Outcome};
use crate::service::Service;
use crate::store::ArrivalRow;

/// Fields that a form may have; Twilio's has about thirty.
const FIELDS: usize = 200;
/// Characters of a text that are kept: ten parts of a long message.
const TEXT: usize = 1_600;

/// Where text messages come in.
pub struct TextDoor {
    token: Zeroizing<String>,
}

impl TextDoor {
    /// A door that opens to whoever signs with this token.
    #[must_use]
    pub fn new(token: String) -> Self {
        Self { token: Zeroizing::new(token) }
    }

    /// Whether a form posted to `url` carries its signature.
    #[must_use]
    pub fn admits(&self, url: &str, form: &[(String, String)], signature: &str) -> bool {
        !self.token.is_empty() && super::signature::verify(&self.token, url, form, signature)
    }
}

impl fmt::Debug for TextDoor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TextDoor(…)")
    }
}

/// The fields of a form, in their order; none for a body with more of them than any has.
#[must_use]
pub fn read_form(body: &[u8]) -> Option<Vec<(String, String)>> {
    let fields: Vec<_> = form_urlencoded::parse(body).into_owned().take(FIELDS + 1).collect();
    (fields.len() <= FIELDS).then_some(fields)
}

/// A text message as its form has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Its id.
    pub sid: String,
    /// Whose number it came from.
    pub from: String,
    /// Which number it was sent to.
    pub to: String,
    /// What it says.
    pub body: String,
}

impl Text {
    /// The message of a form; none where it has no id.
    #[must_use]
    pub fn of(form: &[(String, String)]) -> Option<Self> {
        let field = |name: &str| {
            let found = form.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let sid = [field("MessageSid"), field("SmsSid")].into_iter().find(|sid| !sid.is_empty())?;
        Some(Self { sid, from: field("From"), to: field("To"), body: field("Body") })
    }

    fn digest(&self) -> Vec<u8> {
        Sha256::new().chain_update(b"text\0").chain_update(&self.sid).finalize().to_vec()
    }
}

/// What a text message leads to, with the sentence that answers it, if any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// What became of it.
    pub outcome: Outcome,
    /// One sentence in the customer's language; only for an opt-out that changed something.
    pub answer: Option<String>,
}

/// Takes a text message. When it answers, what had to be kept is on disk.
///
/// # Errors
/// [`NotKept`]: it must be sent again.
pub async fn receive(service: &Service, doors: &Doors, text: &Text) -> Result<Taken, NotKept> {
    let digest = text.digest();
    let taken = if service.store.has_arrived(&digest).await.map_err(not_kept)? {
        Taken { outcome: Outcome::Repeated, answer: None }
    } else {
        act(service, doors, text, digest).await?
    };
    service.metrics.arrived("text", taken.outcome.as_str());
    Ok(taken)
}

async fn act(
    service: &Service,
    doors: &Doors,
    text: &Text,
    digest: Vec<u8>,
) -> Result<Taken, NotKept> {
    let heard = hear(&text.body);
    let number = text.from.rsplit(':').next().unwrap_or_default();
    let handle = match service.read_contact(number) {
        Ok(contact @ Contact::Phone(_)) => Some(service.handle(&contact)),
        _ => None,
    };
    let person = match &handle {
        Some(handle) => only(service, handle).await?,
        None => None,
    };
    let known = match person {
        Some(person) => service.find_customer(person, Position(0)).await.map_err(not_kept)?,
        None => None,
    };
    let known = known.and_then(|customer| customer.language);
    let spoken = language(service, [known, heard.language]);
    let row = |outcome: Outcome| ArrivalRow {
        digest: digest.clone(),
        door: "text",
        outcome: outcome.as_str(),
        arrived_at: service.clock.now().0,
    };
    let nature = match (heard.said, handle) {
        (Said::Stop, Some(handle)) => {
            let added = stop(service, doors, handle, spoken).await?;
            let row = row(Outcome::OptedOut);
            if !service.store.insert_arrival(&row).await.map_err(not_kept)? {
                return Ok(Taken { outcome: Outcome::Repeated, answer: None });
            }
            let answer = (added > 0).then(|| sentence(service, spoken));
            return Ok(Taken { outcome: Outcome::OptedOut, answer });
        }
        (Said::Stop, None) => Nature::OptOut,
        (Said::Start, _) => Nature::OptIn,
        (Said::Help, _) => Nature::Help,
        (Said::Unclear, _) => Nature::Unclear,
    };
    let matter = Matter {
        manner: Manner::Text,
        nature,
        language: spoken,
        person: person.map(|person| person.0),
        filed: filed(text),
    };
    let outcome = file(service, matter, &row(Outcome::Filed)).await?;
    Ok(Taken { outcome, answer: None })
}

/// Opts a number out; where the register has no such channel, out of all marketing, since an
/// opt-out is never refused. Says how many entries that made.
async fn stop(
    service: &Service,
    doors: &Doors,
    handle: Handle,
    language: Language,
) -> Result<usize, NotKept> {
    let now = service.clock.now();
    if doors.revoke_all.at(now).1 {
        tracing::warn!(switch = ?doors.revoke_all, "how far a stop reaches is overridden");
    }
    let by = By { assurance: Assurance::Link, source: Source::Reply, language };
    let (mut added, mut recorded) = (0, false);
    let mut wishes = doors.revoke_all.targets(now);
    while let Some(target) = wishes.pop() {
        let is_text = target == Target::Channel(Channel::Text);
        let wish = Wish::TurnOff(target);
        match service.record_answered(Who::Handle(handle.clone()), wish, by).await {
            Ok(made) => (added, recorded) = (added + made.added, true),
            Err(PortalError::Refused(_)) if is_text => wishes.push(Target::Marketing),
            Err(PortalError::Refused(_)) => {}
            Err(error) => return Err(not_kept(error)),
        }
    }
    if recorded { Ok(added) } else { Err(not_kept("the register knows no marketing")) }
}

async fn only(service: &Service, handle: &Handle) -> Result<Option<PersonId>, NotKept> {
    let digests: Vec<_> = handle.digests.iter().map(|(_, digest)| digest.clone()).collect();
    let people = service.store.list_people_by_digest(&digests).await.map_err(not_kept)?;
    Ok(<[uuid::Uuid; 1]>::try_from(people).ok().map(|[only]| PersonId(only)))
}

fn sentence(service: &Service, language: Language) -> String {
    let notice = service.notice();
    fill(Texts::of(language).text_stopped, &[("brand", &notice.catalogue.controller.brand)])
}

fn filed(text: &Text) -> Filed {
    let plain = |text: &str, most: usize| -> String {
        let kept = |c: &char| *c == '\n' || !disguises(c.encode_utf8(&mut [0; 4]));
        text.chars().take(most).filter(kept).collect()
    };
    Filed {
        from: plain(&text.from, 64),
        to: plain(&text.to, 64),
        subject: String::new(),
        text: plain(&text.body, TEXT),
        cut: text.body.chars().nth(TEXT).is_some(),
    }
}

/// The answer in `TwiML`: one message, or nothing.
#[must_use]
pub fn twiml(answer: Option<&str>) -> String {
    const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
    match answer {
        None => format!("{HEAD}<Response/>"),
        Some(sentence) => {
            let escaped = sentence.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            format!("{HEAD}<Response><Message>{escaped}</Message></Response>")
        }
    }
}
