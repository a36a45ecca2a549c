//! `sayso snapshot`.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::{Failure, Place, say};
use crate::api::keyring::ApiKey;
use crate::api::scope::Scope;
use crate::snapshot::Credentials;

/// Tasks with snapshots.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Write what a client needs to use its snapshots: into a file that only its owner can read.
    ///
    /// The file holds the keys that people are looked up by. Whoever has it can tell whether an
    /// address is on a list, so it belongs only on machines that hold the addresses anyway.
    Credentials {
        /// The id of the client's key, made with `sayso key create --scope snapshot`.
        #[arg(long = "key", value_name = "ID")]
        key: String,
        /// The file; it must not exist yet.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        place: Place,
    },
}

impl Task {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let Self::Credentials { key, out, place } = self;
        // Whoever pastes the whole key means its id.
        let id = key.strip_prefix("sayso_").and_then(|rest| rest.split('_').next());
        write(id.unwrap_or(&key), &out, &place).await
    }
}

async fn write(id: &str, out: &Path, place: &Place) -> Result<(), Failure> {
    let keys = place.read_keys()?;
    let store = place.open_store().await?;
    let row = store.find_api_key(id).await;
    store.close().await;
    let row = row.map_err(Failure::new)?.filter(|row| row.revoked_at.is_none());
    let row = row.ok_or_else(|| Failure::new("there is no key of that id, or it was revoked"))?;
    if !ApiKey::read(row).map_err(Failure::new)?.may(Scope::Snapshot) {
        return Err(Failure::new("the key was made without the scope snapshot"));
    }
    let credentials = Credentials::of(&keys, id).ok_or_else(|| {
        Failure::new(
            "the key file has no [snapshot]; make keys with `sayso keys generate` elsewhere and copy that section",
        )
    })?;
    credentials.write_new(out).map_err(Failure::new)?;
    say(format_args!("Credentials written to {}. Send them by a way that is safe.", out.display()));
    Ok(())
}
