//! The command line: one binary, every task.

mod catalogue;
mod check;
mod deliveries;
mod doors;
mod export;
mod gate;
mod headers;
mod incidents;
mod key;
mod keys;
mod ledger;
mod links;
mod listen;
mod mail;
mod opt_out;
mod people;
mod place;
mod receipt;
mod reconcile;
mod requests;
mod script;
mod serve;
mod signalling;
mod snapshot;
mod system;

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

pub use place::{Place, Premises};

/// A privacy portal that a business runs for its own customers.
#[derive(Debug, Parser)]
#[command(name = "sayso", version, disable_help_subcommand = false, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Run the portal.
    Serve(Box<serve::Serve>),
    /// Check and publish the register of what is sent and shared.
    #[command(subcommand)]
    Catalogue(catalogue::Task),
    /// Load customers from a file.
    #[command(subcommand)]
    People(people::Task),
    /// Print a customer's personal link.
    Link(links::One),
    /// Make personal links for everyone.
    #[command(subcommand)]
    Links(links::Task),
    /// Print the header fields by which mail clients unsubscribe.
    Headers(headers::Headers),
    /// Check mail before it goes out, and take replies that come in.
    #[command(subcommand)]
    Mail(mail::Task),
    /// Answer what customers asked by mail, text message or otherwise.
    #[command(subcommand)]
    Requests(requests::Task),
    /// Ask who may be reached.
    #[command(subcommand)]
    Gate(gate::Task),
    /// Set up senders that decide by signed files.
    #[command(subcommand)]
    Snapshot(snapshot::Task),
    /// Follow choices to the systems that must obey them.
    #[command(subcommand)]
    Deliveries(deliveries::Task),
    /// Record what a customer told staff by phone, by post or in person: it can only stop.
    OptOut(Box<opt_out::OptOut>),
    /// Print what staff read out on the phone, made from the register.
    Script(script::Script),
    /// Set up systems that must obey choices.
    #[command(subcommand)]
    System(system::Task),
    /// Check that nobody changed the ledger.
    #[command(subcommand)]
    Ledger(ledger::Task),
    /// Make and revoke the keys of systems that call the API.
    #[command(subcommand)]
    Key(key::Task),
    /// Check a system's own list of its audience: everybody on it who had said no.
    Reconcile(reconcile::Reconcile),
    /// Check receipts.
    #[command(subcommand)]
    Receipt(receipt::Task),
    /// Write records for authorities.
    #[command(subcommand)]
    Export(export::Task),
    /// Make secret keys.
    #[command(subcommand)]
    Keys(keys::Task),
}

/// Why a task did not end well: one clear sentence for the person at the keyboard.
#[derive(Debug, thiserror::Error)]
#[error("{sentence}")]
pub struct Failure {
    sentence: String,
    status: u8,
}

impl Failure {
    /// The task could not be done (exit status 1).
    pub fn new(sentence: impl std::fmt::Display) -> Self {
        Self { sentence: sentence.to_string(), status: 1 }
    }

    /// The task was done and found what should not be (exit status 3).
    pub fn found(sentence: impl std::fmt::Display) -> Self {
        Self { sentence: sentence.to_string(), status: 3 }
    }

    /// The task can't be done now, and whoever asked must ask again (75, `EX_TEMPFAIL`).
    pub fn again(sentence: impl std::fmt::Display) -> Self {
        Self { sentence: sentence.to_string(), status: 75 }
    }

    /// What was given can't be read (65, `EX_DATAERR`).
    pub fn data(sentence: impl std::fmt::Display) -> Self {
        Self { sentence: sentence.to_string(), status: 65 }
    }

    /// The task was asked for wrongly (exit status 2).
    pub fn usage(sentence: impl std::fmt::Display) -> Self {
        Self { sentence: sentence.to_string(), status: 2 }
    }
}

/// How long the program waits for what goes on behind a task that is done.
const SHUTDOWN: Duration = Duration::from_secs(2);

/// Reads the arguments and does the task.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&Failure::new(error)),
    };
    let done = runtime.block_on(run(cli.task));
    // A name that nobody answers for may still be looked up.
    runtime.shutdown_timeout(SHUTDOWN);
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => fail(&failure),
    }
}

async fn run(task: Task) -> Result<(), Failure> {
    match task {
        Task::Serve(serve) => serve.run().await,
        Task::Catalogue(task) => task.run().await,
        Task::People(task) => task.run().await,
        Task::Link(one) => one.run().await,
        Task::Links(task) => task.run().await,
        Task::Headers(headers) => headers.run().await,
        Task::Mail(task) => task.run().await,
        Task::Requests(task) => task.run().await,
        Task::Gate(task) => task.run().await,
        Task::Snapshot(task) => task.run().await,
        Task::Deliveries(task) => task.run().await,
        Task::OptOut(opt_out) => opt_out.run().await,
        Task::Script(script) => script.run().await,
        Task::System(task) => task.run().await,
        Task::Ledger(task) => task.run().await,
        Task::Key(task) => task.run().await,
        Task::Reconcile(reconcile) => reconcile.run().await,
        Task::Receipt(task) => task.run(),
        Task::Export(task) => task.run().await,
        Task::Keys(task) => task.run(),
    }
}

#[expect(clippy::print_stderr, reason = "this is where the person at the keyboard is told")]
fn fail(failure: &Failure) -> ExitCode {
    eprintln!("sayso: {failure}");
    ExitCode::from(failure.status)
}

/// Help is printed whole; a mistake is one sentence.
#[expect(clippy::print_stderr, reason = "this is where the person at the keyboard is told")]
fn refuse(error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        drop(error.print());
        return ExitCode::SUCCESS;
    }
    let text = error.render().to_string();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let said: Vec<&str> = lines
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"))
        .collect();
    let said = said.join(" ");
    eprintln!("sayso: {} (see `sayso help`)", said.trim_start_matches("error: "));
    ExitCode::from(2)
}

/// Prints a line of a task's result. Whoever has read enough (`| head`) may close the pipe.
pub fn say(line: impl std::fmt::Display) {
    drop(writeln!(std::io::stdout(), "{line}"));
}
