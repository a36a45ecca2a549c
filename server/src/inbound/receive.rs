//! One message, from its bytes to what becomes of it.

use app::portal::{By, Portal, PortalError, Who};
use domain::change::Assurance;
use domain::contact::{Contact, Email};
use domain::request::{Manner, Nature};
use domain::{Channel, Language, PersonId, Position, Source, Target, Wish};

use super::filing::{Filed, Matter, file, language, not_kept};
use super::mail::{Kind, Mail};
use super::returned::{bounced, digests};
use super::{Doors, NotKept, Outcome, Report, words};
use crate::service::Service;
use crate::store::ArrivalRow;
use crate::unsubscribe::{message_of, token_of};

/// What the server that took a message knows of it.
#[derive(Clone, Debug, Default)]
pub struct Envelope {
    /// Whom it was for: several where it was handed over once for all of them.
    pub recipients: Vec<String>,
}

/// Takes a message. When it answers, what had to be kept is on disk.
///
/// # Errors
/// [`NotKept`]: it must be brought again. What a message says is never an error.
pub async fn receive(
    service: &Service,
    doors: &Doors,
    raw: &[u8],
    envelope: &Envelope,
) -> Result<Outcome, NotKept> {
    let mail = read(raw, envelope);
    let digest = mail.digest(raw);
    if service.store.has_arrived(&digest).await.map_err(not_kept)? {
        return Ok(count(service, Outcome::Repeated));
    }
    let wish = match &mail.kind {
        Kind::Bounce(report) => Read::Bounce(report),
        Kind::Automatic => Read::Ignore,
        Kind::Generated => {
            // A machine's unsubscribe is one only where a person's own address was written to.
            match what(&mail, doors) {
                stop @ Read::Stop { .. } if is_own_address(&mail, doors) => stop,
                _ => Read::Ignore,
            }
        }
        // What a list hands on may be another business's news: it is no choice by its words alone.
        Kind::Listed if !is_own_address(&mail, doors) => Read::Unclear,
        Kind::Listed | Kind::Written => what(&mail, doors),
    };
    let outcome = act(service, &mail, &digest, wish).await?;
    Ok(count(service, outcome))
}

fn count(service: &Service, outcome: Outcome) -> Outcome {
    service.metrics.arrived("mail", outcome.as_str());
    outcome
}

/// What can't be read as a message is still read by somebody.
fn read(raw: &[u8], envelope: &Envelope) -> Mail {
    let mut mail = Mail::read(raw).unwrap_or_else(|| Mail::unreadable(raw));
    mail.recipients.splice(0..0, envelope.recipients.iter().cloned());
    mail
}

/// What a message asks for.
enum Read<'a> {
    Bounce(&'a Report),
    Ignore,
    Stop { target: Option<Target>, language: Option<Language>, says_more: bool },
    Start(Option<Language>),
    Unclear,
}

fn is_own_address(mail: &Mail, doors: &Doors) -> bool {
    let here =
        |address: &&String| doors.mailbox.as_ref().is_some_and(|mailbox| mailbox.receives(address));
    mail.recipients.iter().filter(here).any(|address| token_of(address).is_some())
}

fn what(mail: &Mail, doors: &Doors) -> Read<'static> {
    let target = message_of(&mail.subject);
    let stops = words::says_stop(&mail.own);
    let subject = words::subject_stops(&mail.subject);
    let called = target.is_some() || subject.is_some();
    if is_own_address(mail, doors) {
        // Whatever is sent there unsubscribes (RFC 2369 §3.2); what is said beside it is read.
        let says_more = !called && stops.is_none() && !mail.own.is_empty();
        let language =
            stops.and_then(|heard| heard.language).or(subject.and_then(|heard| heard.language));
        return Read::Stop { target, language, says_more };
    }
    if let Some(heard) = stops {
        return Read::Stop { target: None, language: heard.language, says_more: false };
    }
    let mailbox = doors.mailbox.as_ref();
    let here = mail.recipients.iter().any(|to| mailbox.is_some_and(|mailbox| mailbox.receives(to)));
    if called && (here || mail.own.is_empty()) {
        return Read::Stop {
            target,
            language: subject.and_then(|heard| heard.language),
            says_more: !mail.own.is_empty(),
        };
    }
    match words::says_start(&mail.own) {
        Some(heard) => Read::Start(heard.language),
        None => Read::Unclear,
    }
}

/// Whom a message is from, as far as an opt-out asks: by the tag in the address it went to, else
/// by its author. A tag restricts like a link, whoever wrote.
async fn whom(service: &Service, mail: &Mail) -> Result<Option<Who>, NotKept> {
    for token in mail.recipients.iter().filter_map(|address| token_of(address)) {
        if let Some(person) = service.open_link(&token).await.map_err(not_kept)? {
            return Ok(Some(Who::Person(person)));
        }
    }
    let from = mail.from.clone().map(Contact::Email);
    Ok(from.map(|from| Who::Handle(service.handle(&from))))
}

async fn act(
    service: &Service,
    mail: &Mail,
    digest: &[u8],
    read: Read<'_>,
) -> Result<Outcome, NotKept> {
    let (outcome, nature, spoken) = match read {
        Read::Bounce(report) => (bounced(service, mail, report).await?, None, None),
        Read::Ignore => (Outcome::Ignored, None, None),
        Read::Stop { target, language, says_more } => match whom(service, mail).await? {
            Some(who) => {
                stop(service, mail, who, target, language).await?;
                (Outcome::OptedOut, says_more.then_some(Nature::Unclear), language)
            }
            None => (Outcome::Filed, Some(Nature::OptOut), language),
        },
        Read::Start(language) => (Outcome::Filed, Some(Nature::OptIn), language),
        Read::Unclear => (Outcome::Filed, Some(Nature::Unclear), None),
    };
    let row = ArrivalRow {
        digest: digest.to_vec(),
        door: "mail",
        outcome: outcome.as_str(),
        arrived_at: service.clock.now().0,
    };
    if let Some(nature) = nature {
        let filed = filed(service, mail, nature, spoken, &row).await?;
        return Ok(if outcome == Outcome::Filed { filed } else { outcome });
    }
    service.store.insert_arrival(&row).await.map_err(not_kept)?;
    Ok(outcome)
}

/// Opts somebody out of one message, or of all mail; where the register has neither, of all
/// marketing: an opt-out is never refused.
async fn stop(
    service: &Service,
    mail: &Mail,
    who: Who,
    target: Option<Target>,
    spoken: Option<Language>,
) -> Result<(), NotKept> {
    let known = match &who {
        Who::Person(person) => of_person(service, *person).await?,
        Who::Handle(_) => None,
    };
    let by = By {
        assurance: Assurance::Link,
        source: Source::Reply,
        language: language(service, [spoken, mail.language, known]),
    };
    let wider = [Target::Channel(Channel::Email), Target::Marketing];
    for target in target.into_iter().chain(wider) {
        match service.record(who.clone(), Wish::TurnOff(target), by).await {
            Ok(_) => return Ok(()),
            Err(PortalError::Refused(_)) => {}
            Err(error) => return Err(not_kept(error)),
        }
    }
    Err(not_kept("the register knows no marketing"))
}

async fn of_person(service: &Service, person: PersonId) -> Result<Option<Language>, NotKept> {
    let customer = service.find_customer(person, Position(0)).await.map_err(not_kept)?;
    Ok(customer.and_then(|customer| customer.language))
}

async fn filed(
    service: &Service,
    mail: &Mail,
    nature: Nature,
    spoken: Option<Language>,
    row: &ArrivalRow,
) -> Result<Outcome, NotKept> {
    let person = match whom(service, mail).await? {
        Some(Who::Person(person)) => Some(person.0),
        // Of several records with one address nobody can tell whose it is.
        _ => match &mail.from {
            Some(from) => only(service, from).await?,
            None => None,
        },
    };
    let known = match person {
        Some(person) => of_person(service, PersonId(person)).await?,
        None => None,
    };
    let matter = Matter {
        manner: Manner::Email,
        nature,
        language: language(service, [spoken, mail.language, known]),
        person,
        filed: Filed {
            from: mail.from.as_ref().map(|from| from.as_str().to_owned()).unwrap_or_default(),
            to: mail.recipients.first().cloned().unwrap_or_default(),
            subject: mail.subject.clone(),
            text: mail.text.clone(),
            cut: mail.cut,
        },
    };
    file(service, matter, row).await
}

async fn only(service: &Service, from: &Email) -> Result<Option<uuid::Uuid>, NotKept> {
    let digests = digests(service, from);
    let people = service.store.list_people_by_digest(&digests).await.map_err(not_kept)?;
    Ok(<[uuid::Uuid; 1]>::try_from(people).ok().map(|[only]| only))
}
