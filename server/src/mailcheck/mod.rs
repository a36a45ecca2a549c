//! Checking a message before it goes to many: whatever a customer would need to get out must be
//! there, signed, visible and alive.

mod body;
mod dkim;
mod fields;
mod key;
mod links;
mod name_service;
mod visit;

use app::portal::Portal;
use domain::contact::{Email, IdentifierKind};
use domain::pressure::pressures;
use domain::{Channel, PersonId};
use mail_parser::{Message, MessageParser};

pub use key::{KeyRecord, NotAKeyRecord};
pub use name_service::NameService;
pub use visit::{Answer, HttpVisit, Visit};

use crate::service::Service;
use fields::Unsubscribe;

/// Bytes that a message may have: mail services take no more.
pub const MOST: usize = 25 * 1024 * 1024;

/// What is wrong with a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {reason}")]
pub struct Problem {
    /// What it is about, in a word.
    pub what: &'static str,
    /// What is wrong and what would be right.
    pub reason: String,
}

impl Problem {
    fn new(what: &'static str, reason: impl Into<String>) -> Self {
        Self { what, reason: reason.into() }
    }
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// What is wrong; nothing in a good message.
    pub problems: Vec<Problem>,
    /// What could not be looked at.
    pub notes: Vec<String>,
}

/// How a message is checked.
pub struct Checking<'a> {
    /// The portal that its links lead to.
    pub service: &'a Service,
    /// Where that stands, without a slash at its end.
    pub base_url: &'a str,
    /// Keys to verify signatures with.
    pub keys: &'a [KeyRecord],
    /// Who is asked for keys that are not among them.
    pub dns: NameService,
    /// Who looks whether links answer; none: nobody does.
    pub visit: Option<&'a dyn Visit>,
    /// Whom the business's other mail, such as about orders, is from.
    pub transactional_from: Option<&'a Email>,
}

/// Checks a message and tells every problem at once. None where it is no message.
pub async fn check(raw: &[u8], with: &Checking<'_>) -> Option<Findings> {
    let message = MessageParser::default().parse(raw)?;
    let mut findings = Findings::default();
    let link = fields::check(&message, with, &mut findings.problems);
    if let Some(link) = &link {
        check_link(&message, link, with, &mut findings).await;
    }
    dkim::check(raw, with, &mut findings).await;
    let links = body::check(&message, with.base_url, &mut findings.problems);
    links::check(&message, links, with, &mut findings).await;
    check_sender(&message, with, &mut findings.problems);
    check_words(&message, &mut findings.problems);
    Some(findings)
}

/// The link must be in the register, and of the person whom the message goes to.
async fn check_link(
    message: &Message<'_>,
    link: &Unsubscribe,
    with: &Checking<'_>,
    findings: &mut Findings,
) {
    let notice = with.service.notice();
    let problems = &mut findings.problems;
    if link.channel != Channel::Email {
        problems.push(Problem::new("topic", "the link of a mail must name the channel email"));
    } else if notice.catalogue.message(&link.topic, link.channel).is_none() {
        let topic = &link.topic;
        let reason = format!("the register in force has no topic “{topic}” by email");
        problems.push(Problem::new("topic", reason));
    }
    check_person(message, &link.token, "the link", with, findings).await;
}

/// A link's token must be of the person whom the message goes to. Each problem is told once.
async fn check_person(
    message: &Message<'_>,
    token: &str,
    link: &str,
    with: &Checking<'_>,
    findings: &mut Findings,
) {
    let to = message.to().and_then(|to| to.first()).and_then(|to| to.address());
    let to = to.and_then(|to| to.parse::<Email>().ok());
    let reason = match (with.service.open_link(token).await, to) {
        (Ok(None), _) => format!("nobody is known by {link}’s token"),
        (Ok(Some(person)), Some(to)) if owns(with.service, person, &to).await == Some(false) => {
            format!("{link} is not of the person in To, so one customer would opt another one out")
        }
        (Ok(_), _) => return,
        (Err(_), _) => {
            findings.notes.push("whose link it is was not looked up: the store failed".into());
            return;
        }
    };
    let problem = Problem::new("person", reason);
    if !findings.problems.contains(&problem) {
        findings.problems.push(problem);
    }
}

/// Whether a person is known by an address; nothing where nobody is.
async fn owns(service: &Service, person: PersonId, email: &Email) -> Option<bool> {
    let digests = service.vault.digest_list(IdentifierKind::Email, email.as_str());
    let people = service.store.list_people_by_digest(&digests).await.ok()?;
    (!people.is_empty()).then(|| people.contains(&person.0))
}

/// Marketing has a list of its own and is from somebody else than mail about orders, so that
/// nobody has to lose the one to be rid of the other.
fn check_sender(message: &Message<'_>, with: &Checking<'_>, problems: &mut Vec<Problem>) {
    let list = message.header_raw("List-Id").map(str::trim).unwrap_or_default();
    let name = list.rsplit_once('<').and_then(|(_, rest)| rest.strip_suffix('>'));
    if name.is_none_or(|name| !name.contains('.') || name.contains(char::is_whitespace)) {
        let reason = "the field List-Id is missing or not of its form, such as \
                      Offers <offers.news.example.com> (RFC 2919)";
        problems.push(Problem::new("list", reason));
    }
    let fields = message.headers_raw().filter(|(name, _)| name.eq_ignore_ascii_case("From"));
    let count = fields.count();
    let from = message.from().and_then(|from| from.first()).and_then(|from| from.address());
    let from = from.and_then(|from| from.parse::<Email>().ok());
    if count > 1 {
        let reason = format!("the field From stands there {count} times; once is right");
        problems.push(Problem::new("from", reason));
    } else if from.is_none() {
        problems.push(Problem::new("from", "the field From names no address"));
    } else if from.as_ref() == with.transactional_from {
        let reason = "marketing is from the same address as mail about orders; give it its own";
        problems.push(Problem::new("from", reason));
    }
}

fn check_words(message: &Message<'_>, problems: &mut Vec<Problem>) {
    let mut text = message.subject().unwrap_or_default().to_owned();
    for at in 0..message.text_body_count() {
        text.push('\n');
        text.push_str(&message.body_text(at).unwrap_or_default());
    }
    for at in 0..message.html_body_count() {
        let html = message.body_html(at).unwrap_or_default();
        text.push('\n');
        text.push_str(&body::visible_text(&html));
    }
    for (language, phrase) in pressures(&text) {
        let reason = format!("“{phrase}” ({language}) presses the reader; say it plainly");
        problems.push(Problem::new("words", reason));
    }
}
