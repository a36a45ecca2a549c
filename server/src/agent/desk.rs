//! Taking requests: an opt-out of sale is in force before the agent is answered if it names an
//! address or a number; everything else waits for the customer or for staff.

use std::collections::BTreeSet;

use app::portal::{By, Portal, Who};
use domain::change::Assurance;
use domain::contact::Contact;
use domain::request::{Manner, Nature};
use domain::{Language, PersonId, Position, Preferences, Source, Standings, Target, Voice, Wish};
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
    /// What staff are asked; nothing where nobody needs to be.
    nature: Option<Nature>,
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
    let case = match taken.nature {
        Some(nature) => Some(case(service, agents, (nature, exercise), &asked, &claims).await?),
        None => None,
    };
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
            ..Taken::default()
        }),
        Exercise::Deletion
        | Exercise::Access
        | Exercise::AccessCategories
        | Exercise::AccessSpecific => {
            let nature = exercise.nature();
            Ok(Taken { status: "in_progress", nature, ..Taken::default() })
        }
    }
}

/// What staff answer, with everything that the agent said.
async fn case(
    service: &Service,
    agents: &Agents,
    (nature, exercise): (Nature, Exercise),
    asked: &Asked,
    claims: &serde_json::Value,
) -> Result<RequestRow, Fault> {
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
    draft(service, &matter).map_err(|_| Fault::Unavailable)
}

/// The same command as the page's, for every address and number that the agent names. Nobody is
/// asked to verify or confirm anything (11 CCR 7026(f), (j), 7063).
async fn opt_out(service: &Service, asked: &Asked) -> Result<Taken, Fault> {
    let contacts = contacts(service, asked);
    if contacts.is_empty() {
        // The agent has signed for a name or a postal address: who that is, somebody can find.
        return Ok(Taken {
            status: "in_progress",
            details: Some("No email address or phone number can be read; staff look further."),
            nature: Some(Nature::OptOut),
            ..Taken::default()
        });
    }
    let notice = service.notice();
    let language = notice.catalogue.languages.first().copied().unwrap_or(Language::English);
    let by = By { assurance: Assurance::Link, source: Source::Agent, language };
    let mut choices = BTreeSet::new();
    let reference = service.new_reference();
    for contact in &contacts {
        let handle = service.handle(contact);
        let digests: Vec<_> = handle.digests.iter().map(|(_, digest)| digest.clone()).collect();
        let wish = Wish::StopSale(Voice::Agent);
        let recorded = service.record_under(reference.clone(), Who::Handle(handle), wish, by).await;
        recorded.map_err(|_| Fault::Unavailable)?;
        choices.extend(standing(service, &digests).await?);
    }
    Ok(Taken {
        status: "in_progress",
        details: Some("The opt-out is in force; the companies concerned are being told."),
        choices: choices.into_iter().map(|Position(place)| format!("{place}-{place}")).collect(),
        ..Taken::default()
    })
}

/// The entries by which these people say no to sale and sharing now, whoever made them: what was
/// refused before needs no new entry, and may still wait for a company to confirm it.
async fn standing(service: &Service, digests: &[Vec<u8>]) -> Result<Vec<Position>, Fault> {
    let notice = service.notice();
    let sold = notice.catalogue.purposes.iter().filter(|purpose| purpose.sale_or_sharing);
    let sold: Vec<_> = sold.map(|purpose| Target::Purpose(purpose.key.clone())).collect();
    let mut places = Vec::new();
    for person in service.store.list_people_by_digest(digests).await? {
        let history = service.store.list_choices(PersonId(person)).await?;
        let held = Preferences::fold(&history);
        let refused = sold.iter().filter_map(|target| held.standing(target));
        places.extend(refused.filter(|no| !no.granted).map(|no| no.position));
    }
    Ok(places)
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
