//! `sayso mail check`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use domain::contact::Email;

use super::links::Base;
use super::{Failure, say};
use crate::index::Index;
use crate::ledger::GROUP;
use crate::mailcheck::{Checking, HttpVisit, KeyRecord, MOST, NameService, Visit, check};

/// Options of `sayso mail check`.
#[derive(Debug, Args)]
pub struct Check {
    /// The message, as a file with its header fields, as the mail service sent it.
    file: PathBuf,
    /// File with the public key of the signature, as a record or in PEM; with
    /// SELECTOR._domainkey.DOMAIN= before it, for that signature alone. May be given several times.
    #[arg(long, value_name = "[NAME=]FILE")]
    dkim_key_file: Vec<String>,
    /// Ask the name service for keys that were not given.
    #[arg(long)]
    dns: bool,
    /// Ask this server of the name service, and not those that the machine asks.
    #[arg(long, value_name = "ADDRESS:PORT", requires = "dns")]
    dns_server: Option<SocketAddr>,
    /// Do not visit links.
    #[arg(long)]
    offline: bool,
    /// Address that mail about orders is from; marketing must be from another one.
    #[arg(long, value_name = "ADDRESS")]
    transactional_from: Option<String>,
    #[command(flatten)]
    base: Base,
}

impl Check {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let raw = read(&self.file)?;
        let keys: Vec<_> =
            self.dkim_key_file.iter().map(|given| read_key(given)).collect::<Result<_, _>>()?;
        let from = self.transactional_from.as_deref().map(str::parse::<Email>).transpose();
        let from = from.map_err(|why| {
            Failure::usage(format!("--transactional-from is no email address: {why}"))
        })?;
        let url = self.base.url()?;
        let premises = self.base.place.open().await?;
        let index = Arc::new(Index::empty());
        let service = premises.assemble(&self.base.place.data, index, GROUP).await?;
        let visit = if self.offline { None } else { HttpVisit::new(&url) };
        let checking = Checking {
            service: &service,
            base_url: &url,
            keys: &keys,
            dns: self.name_service(),
            visit: visit.as_ref().map(|visit| -> &dyn Visit { visit }),
            transactional_from: from.as_ref(),
        };
        let findings = check(&raw, &checking).await;
        service.store.close().await;
        let findings = findings
            .ok_or_else(|| Failure::usage(format!("{} is no message", self.file.display())))?;
        for problem in &findings.problems {
            say(problem);
        }
        for note in &findings.notes {
            say(format_args!("note: {note}"));
        }
        match findings.problems.len() {
            0 => {
                say("Nothing is wrong with the message.");
                Ok(())
            }
            1 => Err(Failure::found("the message has a problem")),
            count => Err(Failure::found(format!("the message has {count} problems"))),
        }
    }
}

impl Check {
    fn name_service(&self) -> NameService {
        match (self.dns, self.dns_server) {
            (false, _) => NameService::Nobody,
            (true, None) => NameService::Machine,
            (true, Some(address)) => NameService::At(address),
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let wrong = |error: &dyn std::fmt::Display| {
        Failure::usage(format!("{} can't be read: {error}", path.display()))
    };
    let size = std::fs::metadata(path).map_err(|error| wrong(&error))?.len();
    if size > MOST as u64 {
        return Err(wrong(&"it is larger than 25 MiB, which no mail service takes"));
    }
    std::fs::read(path).map_err(|error| wrong(&error))
}

fn read_key(given: &str) -> Result<KeyRecord, Failure> {
    let (name, file) = match given.split_once('=') {
        Some((name, file)) => (Some(name.to_owned()), file),
        None => (None, given),
    };
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::usage(format!("{file} can't be read: {error}")))?;
    let key: KeyRecord = text.parse().map_err(|why| Failure::usage(format!("{file}: {why}")))?;
    Ok(KeyRecord { name, ..key })
}
