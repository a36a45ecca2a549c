//! `sayso reconcile`.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use clap::Args;
use domain::{Key, Moment, Target};

use super::{Failure, Place, incidents, say};
use crate::notices::Notices;
use crate::people::harmless;
use crate::reconcile::{Found, Question, ReconcileError, Tools, reconcile};
use crate::store::Tally;
use crate::tell::rfc3339;

/// Check a system's own list of its audience: everybody on it who had said no.
///
/// The list is a CSV file whose first line names one or more of the columns email, phone and
/// customer_number, or email_hash, phone_hash and customer_hash with the system's own keyed
/// hashes. Whoever had said no to all that the list is for is an incident: it is stored
/// with its evidence and written into the report, with since when, and whether the system had been
/// told. Exit status 3 says that there is one.
#[expect(clippy::doc_markdown, reason = "it is the text of the command's help")]
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Reconcile {
    #[command(subcommand)]
    task: Option<incidents::Task>,
    /// The list.
    #[arg(required = true)]
    file: Option<PathBuf>,
    /// The system of the register whose list it is.
    #[arg(long, value_name = "NAME", required = true)]
    system: Option<Key>,
    /// What the list is for, such as message:offers/email [default: all that the system serves].
    #[arg(long, value_name = "TARGET")]
    target: Option<Target>,
    /// The report, which only its owner can read [default: FILE, ending in
    /// .incidents.csv].
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

/// What the report has of each incident.
const COLUMNS: [&str; 14] = [
    "line",
    "email",
    "phone",
    "customer_number",
    "target",
    "reason",
    "since",
    "position",
    "delivery",
    "sent_at",
    "acknowledged_at",
    "email_hash",
    "phone_hash",
    "customer_hash",
];

impl Reconcile {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let Self { task, file, system, target, report, place } = self;
        if let Some(task) = task {
            return task.run().await;
        }
        let (Some(file), Some(system)) = (file, system) else {
            return Err(Failure::usage("name the list and the system"));
        };
        let out = report.unwrap_or_else(|| file.with_extension("incidents.csv"));
        let list = File::open(&file)
            .map_err(|error| Failure::new(format!("{} can't be read: {error}", file.display())))?;
        let premises = place.open().await?;
        let notices = Notices::load(premises.store.clone()).await.map_err(Failure::new)?;
        let mut writer =
            csv::Writer::from_writer(create(&out).map_err(|error| told(&out, &error))?);
        writer.write_record(COLUMNS).map_err(|error| told(&out, &error.into()))?;
        let tools = Tools {
            store: &premises.store,
            vault: &premises.vault,
            notice: &notices.current(),
            clock: premises.clock.as_ref(),
            random: premises.random.as_ref(),
        };
        let question = Question { system, target, api_key: None };
        let list = BufReader::with_capacity(1 << 17, list);
        let outcome = reconcile(tools, question, list, |found, _| write(&mut writer, found)).await;
        let outcome = outcome.map_err(|error| match error {
            ReconcileError::System | ReconcileError::Target => Failure::usage(error),
            ReconcileError::List(why) => Failure::new(format!("{}: {why}", file.display())),
            other => Failure::new(other),
        })?;
        writer.flush().map_err(|error| told(&out, &error))?;
        premises.store.close().await;
        tell(outcome.tally, &out)
    }
}

fn told(out: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("{} can't be written: {error}", out.display()))
}

/// A file that only its owner can read: it says who said no.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn write(writer: &mut csv::Writer<File>, found: &[Found]) -> io::Result<()> {
    for Found { line, incident } in found {
        let at = |at: Option<i64>| at.map(|at| rfc3339(Moment(at))).unwrap_or_default();
        let (number, position) = (incident.line.to_string(), incident.position.to_string());
        let (since, sent) = (at(Some(incident.since)), at(incident.sent_at));
        let confirmed = at(incident.acknowledged_at);
        writer.write_record([
            number.as_bytes(),
            &harmless(&line.email),
            &harmless(&line.phone),
            &harmless(&line.customer),
            incident.target.as_bytes(),
            incident.reason.as_bytes(),
            since.as_bytes(),
            position.as_bytes(),
            incident.delivery.as_deref().unwrap_or("never_told").as_bytes(),
            sent.as_bytes(),
            confirmed.as_bytes(),
            &harmless(&line.hashes[0]),
            &harmless(&line.hashes[1]),
            &harmless(&line.hashes[2]),
        ])?;
    }
    Ok(())
}

fn tell(tally: Tally, out: &Path) -> Result<(), Failure> {
    for (name, number) in [
        ("lines read", tally.lines),
        ("lines that name nobody", tally.unreadable),
        ("people whom the business does not know", tally.strangers),
        ("people who had said no", tally.broken),
    ] {
        say(format_args!("{number:>10} {name}"));
    }
    if tally.broken == 0 {
        return Ok(());
    }
    Err(Failure::found(format!(
        "{} on the list had said no; they are in {}",
        if tally.broken == 1 {
            "one person".to_owned()
        } else {
            format!("{} people", tally.broken)
        },
        out.display()
    )))
}
