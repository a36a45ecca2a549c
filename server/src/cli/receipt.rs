//! `sayso receipt`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::Value;

use super::{Failure, say};
use crate::proof::{Genuine, LARGEST, Published, SignedHead, Summary, check};

/// Tasks with receipts.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Check a receipt without a portal: by the published keys alone.
    ///
    /// Save the keys from <https://PORTAL/.well-known/sayso-keys.json>. Says what a genuine receipt
    /// says, or names what is wrong with it.
    Verify(Verify),
}

/// Options of `sayso receipt verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// The receipt's file, or the address behind its QR code.
    receipt: String,
    #[command(flatten)]
    keys: PublicKeys,
    /// A published head of the ledger that must contain the receipt's entry.
    #[arg(long, value_name = "FILE")]
    head: Option<PathBuf>,
}

/// Where public keys come from.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct PublicKeys {
    /// The published keys (JWKS), saved as a file.
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// A single public key (JWK), saved as a file.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

impl PublicKeys {
    fn read(&self) -> Result<Published, Failure> {
        let path = self.keys.as_ref().or(self.key.as_ref());
        path.map_or_else(|| Err(Failure::usage("give --keys or --key")), |path| read_keys(path))
    }
}

/// Reads public keys.
pub(super) fn read_keys(path: &Path) -> Result<Published, Failure> {
    let bytes = read(path)?;
    Published::parse(&String::from_utf8_lossy(&bytes))
        .map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

/// Reads a published head.
pub(super) fn read_head(path: &Path) -> Result<SignedHead, Failure> {
    let bytes = read(path)?;
    SignedHead::read(&bytes).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

/// A file that is small enough to be what it should be.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    use std::io::Read;
    let refuse = |error| Failure::new(format!("{} can't be read: {error}", path.display()));
    let file = std::fs::File::open(path).map_err(refuse)?;
    let mut bytes = Vec::new();
    // One byte more than may be tells that it is too large, however large it is.
    file.take(LARGEST as u64 + 1).read_to_end(&mut bytes).map_err(refuse)?;
    Ok(bytes)
}

impl Task {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self::Verify(verify) = self;
        verify.run()
    }
}

impl Verify {
    fn run(self) -> Result<(), Failure> {
        let keys = self.keys.read()?;
        let head = self.head.as_deref().map(read_head).transpose()?;
        if let Some(head) = &head {
            head.check(&keys).map_err(Failure::found)?;
        }
        let genuine = if self.receipt.starts_with("https://") || self.receipt.starts_with("http://")
        {
            of_code(&self.receipt, &keys)?
        } else {
            let bytes = read(Path::new(&self.receipt))?;
            check(&bytes, &keys).map_err(not_genuine)?
        };
        if let Some(head) = &head {
            genuine.within(head).map_err(not_genuine)?;
        }
        tell(&genuine, head.as_ref());
        Ok(())
    }
}

fn not_genuine(fault: impl std::fmt::Display) -> Failure {
    Failure::found(format!("not genuine: {fault}"))
}

fn of_code(address: &str, keys: &Published) -> Result<Genuine, Failure> {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let (summary, signature) = Summary::from_query(query)
        .ok_or_else(|| not_genuine("this is not the whole address behind a receipt's code"))?;
    if !keys.knows(&summary.key) {
        let fault = crate::proof::Fault::UnknownKey(summary.key);
        return Err(not_genuine(fault));
    }
    if !keys.verify(&summary.key, &summary.message(), &signature) {
        return Err(not_genuine("its signature does not fit what it says"));
    }
    Ok(Genuine { summary, receipt: Value::Null })
}

/// What it says in plain words.
fn tell(genuine: &Genuine, head: Option<&SignedHead>) {
    let Genuine { summary, receipt } = genuine;
    let text = |pointer: &str| receipt.pointer(pointer).and_then(Value::as_str);
    let subject = text("/record/subject").unwrap_or(&summary.target);
    let who = text("/record/parties/0/party_name").unwrap_or("the business whose key it is");
    let detail = summary.detail.as_deref().map(|detail| match summary.act.as_str() {
        "paused" => format!(" until {detail}"),
        _ => format!(" (entry {detail})"),
    });
    say("Genuine.");
    say(format_args!(
        "{who} recorded on {}: {subject}: {}{}.",
        summary.at,
        summary.act,
        detail.unwrap_or_default()
    ));
    say(format_args!("Reference {}, person {}.", summary.reference, summary.principal));
    match (summary.position, head) {
        (Some(position), None) => say(format_args!("Entry {position} of the ledger.")),
        (Some(position), Some(head)) => say(format_args!(
            "Entry {position} of the ledger; the head of {} reaches entry {}.",
            head.date, head.position
        )),
        (None, _) => say("It acknowledges a request and names no entry of the ledger."),
    }
    let mut states: Vec<&str> = Vec::new();
    for process in
        receipt.pointer("/record/processes").and_then(Value::as_array).into_iter().flatten()
    {
        let found = process.pointer("/event/event_state").and_then(Value::as_array);
        states.extend(found.into_iter().flatten().filter_map(Value::as_str));
    }
    states.sort_unstable();
    states.dedup();
    if !states.is_empty() {
        say(format_args!("In the words of DPV 2.3: {}.", states.join(", ")));
    }
}
