//! `sayso requests`.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use domain::deadline::Urgency;
use domain::request::{Basis, Nature, Response, State, check_closing};
use domain::{Moment, Reference};

use super::{Failure, Place, Premises, say};
use crate::api::paths;
use crate::inbound::{self, Answer, Finding, MOST_BYTES, NotClosed, open_text};
use crate::store::{Closing, RequestFilter, RequestRow};
use crate::tell::rfc3339;

/// Tasks with requests that somebody must answer.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// List requests, the one that is due first at the top.
    List {
        /// Closed ones too.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Show what a request says.
    Show {
        /// Its number, such as K7QD-M2XP.
        number: Reference,
        #[command(flatten)]
        place: Place,
    },
    /// Close a request that was answered.
    Close {
        /// Its number, such as K7QD-M2XP.
        number: Reference,
        /// What it was about.
        #[arg(long, value_parser = word(Nature::ALL, Nature::as_str))]
        nature: String,
        /// What the answer was.
        #[arg(long, value_parser = word(Response::ALL, Response::as_str))]
        response: String,
        /// Why it was refused.
        #[arg(long, value_parser = word(Basis::ALL, Basis::as_str))]
        basis: Option<String>,
        /// Whose it is, where they wrote from an address that is not known.
        #[arg(long, value_name = "NUMBER")]
        customer: Option<String>,
        /// They were opted out of what it asks for before it came.
        #[arg(long)]
        held_before: bool,
        /// File with the answer that is mailed to the customer, as text in UTF-8; - for standard
        /// input.
        #[arg(long, value_name = "FILE")]
        answer: Option<PathBuf>,
        #[command(flatten)]
        place: Place,
    },
}

/// Takes one of a few words.
fn word<T: Copy>(all: &[T], as_str: fn(T) -> &'static str) -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(all.iter().map(|value| as_str(*value)))
}

impl Task {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self {
            Self::List { all, place } => list(&place.open().await?, all).await,
            Self::Show { number, place } => show(&place.open().await?, &number).await,
            Self::Close {
                number,
                nature,
                response,
                basis,
                customer,
                held_before,
                answer,
                place,
            } => {
                let nature = Nature::from_word(&nature);
                let response = Response::from_word(&response);
                let basis = basis.as_deref().and_then(Basis::from_word);
                let (Some(nature), Some(response)) = (nature, response) else {
                    return Err(Failure::usage("no such word"));
                };
                check_closing(nature, response, basis).map_err(Failure::usage)?;
                let finding = Finding { customer: customer.as_deref(), held_before };
                let answer = answer.as_deref().map(read_answer).transpose()?;
                let premises = place.open().await?;
                let ending = (nature, response, basis);
                close(&premises, &number, ending, finding, answer.as_ref()).await
            }
        }
    }
}

fn read_answer(path: &Path) -> Result<Answer, Failure> {
    let name = path.display();
    let wrong = |error| Failure::usage(format!("{name} can't be read: {error}"));
    let mut raw = Vec::new();
    // One byte too many tells that it is too long.
    let read = if path.as_os_str() == "-" {
        std::io::stdin().lock().take(MOST_BYTES + 1).read_to_end(&mut raw)
    } else {
        let file = std::fs::File::open(path).map_err(wrong)?;
        file.take(MOST_BYTES + 1).read_to_end(&mut raw)
    };
    read.map_err(wrong)?;
    Answer::read(&raw).map_err(|why| Failure::data(format!("nothing is closed or sent: {why}")))
}

async fn list(premises: &Premises, all: bool) -> Result<(), Failure> {
    let state = (!all).then_some(State::Open);
    let filter = RequestFilter { state, nature: None };
    let rows = premises.store.list_requests(&filter, 10_000).await.map_err(Failure::new)?;
    for row in &rows {
        let urgency = match row.state {
            State::Closed => "closed",
            State::Open => urgency(row, premises.clock.now()),
        };
        say(format_args!(
            "{}  {:<8} {:<10} {:<6} due {}",
            row.reference,
            urgency,
            row.nature.as_str(),
            row.manner.as_str(),
            rfc3339(Moment(row.due_at))
        ));
    }
    if rows.is_empty() {
        say(if all { "There are no requests." } else { "No request waits for an answer." });
    }
    Ok(())
}

fn urgency(row: &RequestRow, now: Moment) -> &'static str {
    Urgency::of(Moment(row.received_at), Moment(row.due_at), now).as_str()
}

async fn find(premises: &Premises, number: &Reference) -> Result<RequestRow, Failure> {
    let row = premises.store.find_request(number).await.map_err(Failure::new)?;
    row.ok_or_else(|| Failure::new(format!("there is no request {number}")))
}

async fn show(premises: &Premises, number: &Reference) -> Result<(), Failure> {
    let row = find(premises, number).await?;
    let at = |at: i64| rfc3339(Moment(at));
    say(format_args!("Number:    {}", row.reference));
    say(format_args!("Received:  {} by {}", at(row.received_at), row.manner.as_str()));
    say(format_args!("Nature:    {}", row.nature.as_str()));
    say(format_args!("Language:  {}", row.language));
    say(format_args!("Due:       {}", at(row.due_at)));
    let known = if row.person_id.is_some() { "a known customer" } else { "not known" };
    say(format_args!("Person:    {known}"));
    if let (Some(answered), Some(response)) = (row.responded_at, row.response) {
        say(format_args!("Answered:  {}, {}", at(answered), response.as_str()));
    }
    if let Some(basis) = row.denial_basis {
        say(format_args!("Basis:     {}", basis.as_str()));
    }
    let Some(sealed) = &row.sealed else { return Ok(()) };
    let Some(filed) = open_text(&premises.vault, sealed) else {
        return Err(Failure::new("no key opens what the request says"));
    };
    for (name, value) in [("From", &filed.from), ("To", &filed.to), ("Subject", &filed.subject)] {
        if !value.is_empty() {
            say(format_args!("{:<10} {value}", format!("{name}:")));
        }
    }
    say(format_args!("\n{}", filed.text));
    if filed.cut {
        say("[There was more of it.]");
    }
    Ok(())
}

async fn close(
    premises: &Premises,
    number: &Reference,
    (nature, response, denial_basis): (Nature, Response, Option<Basis>),
    finding: Finding<'_>,
    answer: Option<&Answer>,
) -> Result<(), Failure> {
    let row = find(premises, number).await?;
    let responded_at = premises.clock.now().0;
    let closing = Closing { nature, response, denial_basis, responded_at };
    let Premises { store, vault, random, .. } = premises;
    let at = (store, vault, random.as_ref());
    let closed = inbound::close(at, &row, &closing, finding, answer).await;
    closed.map_err(|why| refusal(number, why))?;
    say(format_args!("{number} is closed."));
    if answer.is_some() {
        say("The answer waits to be sent.");
    }
    Ok(())
}

/// Why a request was not closed, and what to do.
fn refusal(number: &Reference, why: NotClosed) -> Failure {
    match why {
        NotClosed::Before => Failure::new(format!("{number} was closed before")),
        NotClosed::NothingStopped => Failure::new(format!(
            "{number} stays open: it asks to opt out, and since it came no opt-out of theirs was \
             recorded. Record it first (sayso opt-out, or POST {}), then close it. If they are known by another \
             address, add --customer NUMBER; if they were opted out before, add --held-before",
            paths::CHOICES
        )),
        NotClosed::ByText | NotClosed::NoAddress => Failure::new(format!(
            "{number} stays open: {why}. Answer in another way, then close it without --answer"
        )),
        other => Failure::new(other),
    }
}
