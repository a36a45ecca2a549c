//! Taking requests: an opt-out of sale is in force before the agent is answered, everything else
//! waits for the customer or for staff.

use app::portal::{By, Portal, Who};
use domain::change::Assurance;
use domain::contact::Contact;
use domain::request::Manner;
use domain::{Language, Source, Voice, Wish};
use jiff::tz::TimeZone;

use super::Agents;
use super::fault::Fault;
use super::message::{digest, open};
use super::request::{Asked, Exercise};
use crate::identify::{read_contact, read_phone};
use crate::inbound::{Filed, Matter, draft};
use crate::ports::new_uuid;
use crate::service::Service;
use crate::store::{AgentRequestRow, RequestRow};

/// How a request stands once it was taken.
#[derive(Default)]
struct Taken {
    status: &'static str,
    reason: Option<&'static str>,
    details: Option<&'static str>,
    choices: Vec<String>,
}

/// Takes a signed request of an agent. The same message again is the same request.
///
/// # Errors
/// [`Fault`], and then nothing was done.
pub(super) async fn take(
    service: &Service,
    agents: &Agents,
    agent: &str,
    body: &[u8],
) -> Result<AgentRequestRow, Fault> {
    let key = agents.directory.key(agent).ok_or(Fault::UnknownToken)?;
    let claims: serde_json::Value = open(body, key)?;
    let asked: Asked = serde_json::from_value(claims.clone()).map_err(|_| Fault::Unreadable)?;
    let now = service.now();
    asked.envelope.check(agent, &agents.business, now)?;
    let exercise = asked.exercise()?;
    let message = digest(body).to_vec();
    if let Some(row) = service.store.find_agent_request_of(agent, &message).await? {
        return Ok(row);
    }
    let taken = act(service, exercise, &asked).await?;
    let notice = service.notice();
    let controller = &notice.catalogue.controller;
    let zone = TimeZone::get(&controller.time_zone).unwrap_or(TimeZone::UTC);
    let open = taken.status == "in_progress";
    let expected_by = exercise.expected_by(now, &controller.country, &zone).filter(|_| open);
    let case = case(service, agents, exercise, &asked, &claims).await?;
    let id = case.as_ref().map(|case| case.id);
    let row = AgentRequestRow {
        id: id.unwrap_or_else(|| new_uuid(now, service.random.as_ref())),
        agent: agent.to_owned(),
        agent_request_id: asked.agent_request_id,
        message: message.clone(),
        exercise: exercise.as_str().to_owned(),
        regime: asked.regime.filter(|regime| !regime.is_empty()),
        status: taken.status.to_owned(),
        reason: taken.reason.map(ToOwned::to_owned),
        details: taken.details.map(ToOwned::to_owned),
        choices: taken.choices.join(" "),
        received_at: now.0,
        expected_by: expected_by.map(|at| at.0),
        callback: asked.status_callback,
    };
    service.store.insert_agent_request(&row, case.as_ref()).await?;
    // Of two of the same that came at once, the first stands.
    let kept = service.store.find_agent_request_of(agent, &message).await?;
    kept.ok_or(Fault::Unavailable)
}

async fn act(service: &Service, exercise: Exercise, asked: &Asked) -> Result<Taken, Fault> {
    match exercise {
        Exercise::OptOut => opt_out(service, asked).await,
        // A yes needs the customer's own two steps (11 CCR 7028(a)).
        Exercise::OptIn => Ok(Taken {
            status: "in_progress",
            reason: Some("need_user_verification"),
            details: Some("The customer confirms this on the privacy page, company by company."),
            choices: Vec::new(),
        }),
        Exercise::Deletion
        | Exercise::Access
        | Exercise::AccessCategories
        | Exercise::AccessSpecific => Ok(Taken { status: "in_progress", ..Taken::default() }),
    }
}

/// What staff answer, with everything that the agent said; none where nobody needs to.
async fn case(
    service: &Service,
    agents: &Agents,
    exercise: Exercise,
    asked: &Asked,
    claims: &serde_json::Value,
) -> Result<Option<RequestRow>, Fault> {
    let Some(nature) = exercise.nature() else { return Ok(None) };
    let notice = service.notice();
    let contacts = contacts(service, asked);
    let digests = contacts.iter().flat_map(|contact| service.handle(contact).digests);
    let digests: Vec<_> = digests.map(|(_, digest)| digest).collect();
    let people = service.store.list_people_by_digest(&digests).await?;
    let matter = Matter {
        manner: Manner::Agent,
        nature,
        language: notice.catalogue.languages.first().copied().unwrap_or(Language::English),
        // Of several people nobody can tell whose it is.
        person: <[uuid::Uuid; 1]>::try_from(people).ok().map(|[only]| only),
        filed: Filed {
            from: asked.envelope.agent.clone(),
            to: agents.business.clone(),
            subject: exercise.as_str().to_owned(),
            text: serde_json::to_string_pretty(claims).map_err(|_| Fault::Unavailable)?,
            cut: false,
        },
    };
    draft(service, &matter).map(Some).map_err(|_| Fault::Unavailable)
}

/// The same command as the page's, for every address and number that the agent names. Nobody is
/// asked to verify or confirm anything (11 CCR 7026(f), (j), 7063).
async fn opt_out(service: &Service, asked: &Asked) -> Result<Taken, Fault> {
    let contacts = contacts(service, asked);
    if contacts.is_empty() {
        return Ok(Taken {
            status: "denied",
            reason: Some("no_match"),
            details: Some("The request names no email address or phone number that can be read."),
            choices: Vec::new(),
        });
    }
    let notice = service.notice();
    let language = notice.catalogue.languages.first().copied().unwrap_or(Language::English);
    let by = By { assurance: Assurance::Link, source: Source::Agent, language };
    let mut choices = Vec::new();
    let reference = service.new_reference();
    for contact in &contacts {
        let who = Who::Handle(service.handle(contact));
        let wish = Wish::StopSale(Voice::Agent);
        let recorded = service.record_under(reference.clone(), who, wish, by).await;
        let recorded = recorded.map_err(|_| Fault::Unavailable)?;
        // The entries of one command stand behind one another.
        if let Some(before) = i64::try_from(recorded.added).ok().filter(|added| *added > 0) {
            let last = recorded.version.0;
            choices.push(format!("{}-{last}", last - before + 1));
        }
    }
    Ok(Taken {
        status: "in_progress",
        reason: None,
        details: Some("The opt-out is in force; the companies concerned are being told."),
        choices,
    })
}

/// The address and number that can be read.
fn contacts(service: &Service, asked: &Asked) -> Vec<Contact> {
    let notice = service.notice();
    let home = &notice.catalogue.controller.country;
    let email = asked.email.as_deref().filter(|text| text.contains('@'));
    let email = email.and_then(|text| read_contact(text, home).ok());
    let phone = asked.phone_number.as_deref().and_then(|text| read_phone(text, home).ok());
    email.into_iter().chain(phone.map(Contact::Phone)).collect()
}
