//! `sayso export`.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use domain::moment::DAY;
use domain::{Language, Moment, NoticeNumber};

use super::{Failure, Place, say};
use crate::notices::Notices;
use crate::ports::{Clock, SystemClock};
use crate::proof::export::{self, ExportError, Span};
use crate::proof::{ProofKeys, article30, read_date};

/// Days of 24 months, at their longest.
const TWO_YEARS: i64 = 731;

/// Tasks with exports.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Write the record of processing activities (GDPR Art. 30), from the register.
    Article30 {
        /// csv, json or html.
        #[arg(long, value_enum, default_value_t = Form::Csv)]
        format: Form,
        /// The language of its texts [default: the register's first].
        #[arg(long, value_name = "TAG")]
        language: Option<Language>,
        /// The notice to make it from [default: the one in force].
        #[arg(long, value_name = "NUMBER")]
        notice: Option<i64>,
        #[command(flatten)]
        out: Out,
        #[command(flatten)]
        place: Place,
    },
    /// Write what customers asked for, when, how, and how it was answered, as CSV.
    Requests {
        #[command(flatten)]
        since: Since,
        #[command(flatten)]
        out: Out,
        #[command(flatten)]
        place: Place,
    },
    /// Count the requests of a year by right (11 CCR 7102).
    Totals {
        /// The year, in UTC.
        #[arg(long, value_name = "YEAR", value_parser = clap::value_parser!(i16).range(2000..=9998))]
        year: i16,
        /// csv or json.
        #[arg(long, value_enum, default_value_t = TotalsForm::Csv)]
        format: TotalsForm,
        #[command(flatten)]
        place: Place,
    },
}

/// Forms of the record of processing.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Form {
    /// A line an activity.
    Csv,
    /// For machines.
    Json,
    /// A page, to print.
    Html,
}

/// Forms of totals.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum TotalsForm {
    /// A line a right.
    Csv,
    /// For machines.
    Json,
}

/// Where an export goes.
#[derive(Debug, Args)]
pub struct Out {
    /// File that only its owner can read [default: what you see].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Which requests.
#[derive(Debug, Args)]
pub struct Since {
    /// First day, in UTC [default: 24 months ago].
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    from: Option<Moment>,
    /// The day after the last, in UTC [default: tomorrow].
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    to: Option<Moment>,
}

fn day(text: &str) -> Result<Moment, &'static str> {
    read_date(text).ok_or("a day is written like 2026-11-23")
}

impl Task {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self {
            Self::Article30 { format, language, notice, out, place } => {
                article_30(format, language, notice, &out, &place).await
            }
            Self::Requests { since, out, place } => requests(&since, &out, &place).await,
            Self::Totals { year, format, place } => totals(year, format, &place).await,
        }
    }
}

async fn article_30(
    form: Form,
    language: Option<Language>,
    number: Option<i64>,
    out: &Out,
    place: &Place,
) -> Result<(), Failure> {
    let notices = Notices::load(place.open_store().await?).await.map_err(Failure::new)?;
    let notice = match number {
        None => notices.current(),
        Some(number) => {
            let found = notices.find(NoticeNumber(number)).await.map_err(Failure::new)?;
            found.ok_or_else(|| Failure::new(format!("there is no notice {number}")))?
        }
    };
    let languages = &notice.catalogue.languages;
    let language = language.or_else(|| languages.first().copied()).unwrap_or(Language::English);
    if !languages.contains(&language) {
        return Err(Failure::new(format!("the register has no texts in {language}")));
    }
    let record = article30::record(&notice, language, SystemClock.now());
    let bytes = match form {
        Form::Csv => record.to_csv().map_err(Failure::new)?,
        Form::Json => record.to_json().into_bytes(),
        Form::Html => record.to_html().into_bytes(),
    };
    let mut writer = out.open()?;
    writer.write_all(&bytes).and_then(|()| writer.flush()).map_err(Failure::new)?;
    out.tell(&format!("{} activities", record.activities.len()));
    Ok(())
}

async fn requests(since: &Since, out: &Out, place: &Place) -> Result<(), Failure> {
    let keys = ProofKeys::new(&place.read_keys()?);
    let store = place.open_store().await?;
    let now = SystemClock.now();
    let span = Span {
        from: since.from.unwrap_or_else(|| now.plus(-TWO_YEARS * DAY)),
        to: since.to.unwrap_or_else(|| now.plus(DAY)),
    };
    let done = export::to_csv(&store, &keys, span, out.open()?).await;
    if done.is_err()
        && let Some(file) = &out.out
    {
        // Half a file would look like a whole one.
        drop(std::fs::remove_file(file));
    }
    let count = done.map_err(told)?;
    out.tell(&format!("{count} requests"));
    Ok(())
}

async fn totals(year: i16, form: TotalsForm, place: &Place) -> Result<(), Failure> {
    let keys = ProofKeys::new(&place.read_keys()?);
    let store = place.open_store().await?;
    let start = |year: i16| read_date(&format!("{year}-01-01"));
    let (Some(from), Some(to)) = (start(year), start(year + 1)) else {
        return Err(Failure::usage("there is no such year"));
    };
    let totals = export::totals(&store, &keys, Span { from, to }).await.map_err(told)?;
    match form {
        TotalsForm::Csv => say(totals.to_csv().trim_end()),
        TotalsForm::Json => say(format_args!("{:#}", totals.to_json())),
    }
    Ok(())
}

fn told(error: ExportError) -> Failure {
    Failure::new(error)
}

impl Out {
    fn open(&self) -> Result<Box<dyn Write + Send>, Failure> {
        match &self.out {
            None => Ok(Box::new(std::io::stdout())),
            Some(path) => create(path).map(|file| Box::new(BufWriter::new(file)) as Box<_>),
        }
    }

    fn tell(&self, what: &str) {
        if let Some(path) = &self.out {
            say(format_args!("{what} written to {}.", path.display()));
        }
    }
}

/// A new file that only its owner can read; never over one that exists.
fn create(path: &Path) -> Result<File, Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .map_err(|error| Failure::new(format!("{} can't be written: {error}", path.display())))
}
