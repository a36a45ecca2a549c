//! `sayso opt-out`.

use app::page::names::name;
use app::portal::{By, PortalError, Who};
use clap::Args;
use domain::change::Assurance;
use domain::moment::DAY;
use domain::report::{Report, Told};
use domain::{Language, Moment, Refusal, Target, Wish};
use jiff::Timestamp;

use super::{Failure, Place, say};
use crate::api::choices::Manner;
use crate::api::person::PersonRef;
use crate::service::Service;

/// Options of `sayso opt-out`.
#[derive(Debug, Args)]
pub struct OptOut {
    /// Email address or phone number of the customer; without a country code a number is read as
    /// from the business's country.
    #[arg(required_unless_present = "customer", conflicts_with = "customer")]
    contact: Option<String>,
    /// Their number in the business's own books, instead.
    #[arg(long, value_name = "NUMBER")]
    customer: Option<String>,
    /// How they told it.
    #[arg(long, value_enum, value_name = "MANNER")]
    by: Manner,
    /// What to stop, several times for several: everything, marketing, sharing, topic:…, channel:…,
    /// message:TOPIC/CHANNEL, profiling:…, purpose:… or share:PURPOSE/RECIPIENT.
    #[arg(long = "target", value_name = "TARGET", required_unless_present = "pause")]
    targets: Vec<Target>,
    /// Pause all marketing for so many days, instead.
    #[arg(long, value_name = "DAYS", conflicts_with = "targets")]
    pause: Option<u16>,
    /// When they said or posted it, such as 2026-11-26T15:04:00Z [default: now].
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// The language in which it was asked [default: the register's first].
    #[arg(long, value_name = "TAG")]
    language: Option<Language>,
    #[command(flatten)]
    place: Place,
}

impl OptOut {
    fn person(&self) -> PersonRef {
        let contact = self.contact.clone();
        let (email, phone) = match contact {
            Some(text) if text.contains('@') => (Some(text), None),
            phone => (None, phone),
        };
        PersonRef { email, phone, customer_number: self.customer.clone(), browser: None }
    }

    /// What to record, one wish for each target.
    fn wishes(&self, at: Moment) -> Vec<(Target, Wish)> {
        let told =
            |target: Target, told| (target.clone(), Wish::Report(Report { target, told, at }));
        match self.pause {
            Some(days) => vec![told(Target::Marketing, Told::Paused(days))],
            None => self.targets.iter().map(|one| told(one.clone(), Told::OptedOut)).collect(),
        }
    }

    pub(super) async fn run(self) -> Result<(), Failure> {
        let premises = self.place.open().await?;
        let now = premises.clock.now();
        let at = self.at.map_or(now, |at| Moment(at.as_millisecond()));
        if at > now {
            return Err(Failure::usage("--at is in the future"));
        }
        if at.0 < 0 {
            return Err(Failure::usage("--at is before 1970"));
        }
        if self.pause.is_some_and(|days| at.plus(i64::from(days) * DAY) <= now) {
            return Err(Failure::usage("a pause of so many days from --at is over already"));
        }
        let service = premises.assemble_beside(&self.place.data).await?;
        let recorded = self.record(&service, at).await;
        service.store.close().await;
        recorded
    }

    /// Records everything under one number. One target that can't be stopped holds back no other.
    async fn record(&self, service: &Service, at: Moment) -> Result<(), Failure> {
        let notice = service.notices.current();
        let handle = self.person().handle(service);
        let who = Who::Handle(handle.map_err(|problem| Failure::usage(problem.detail()))?);
        let spoken = notice.catalogue.languages.first().copied();
        let language = self.language.or(spoken).unwrap_or(Language::English);
        let by = By { assurance: Assurance::Link, source: self.by.into(), language };
        let reference = service.new_reference();
        let mut refused = Vec::new();
        let (mut number, mut failed) = (None, None);
        for (target, wish) in self.wishes(at) {
            let called = name(&notice.catalogue, Language::English, &target);
            match service.record_under(reference.clone(), who.clone(), wish, by).await {
                Ok(done) if done.added == 0 => say(format_args!("{called}: it was so already.")),
                Ok(done) => {
                    number = Some(done.reference);
                    say(format_args!("{called}: stopped."));
                }
                Err(PortalError::Refused(refusal)) => {
                    refused.push(format!("{target} ({})", why(refusal)));
                }
                Err(_) => {
                    failed = Some(format!("the database did not take {target}; try again"));
                    break;
                }
            }
        }
        if let Some(number) = number {
            say(format_args!("Tell them this number: {number}"));
        }
        match failed {
            Some(why) => Err(Failure::again(why)),
            None if refused.is_empty() => Ok(()),
            None => Err(Failure::new(format!("not recorded: {}", refused.join(", ")))),
        }
    }
}

fn why(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::UnknownTarget => "it is not in the register",
        Refusal::RequiredByLaw => "a law requires it",
        Refusal::NotAPause => "a pause has 1 to 366 days",
        _ => "it can't be stopped",
    }
}
