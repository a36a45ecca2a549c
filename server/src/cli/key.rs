//! `sayso key`.

use clap::{Args, Subcommand};
use domain::{Key, Moment, Target};
use jiff::Timestamp;

use super::{Failure, Place, say};
use crate::api::keyring::{Grant, make};
use crate::api::scope::Scope;
use crate::ports::{Clock, SystemClock, SystemRandom};
use crate::store::ApiKeyRow;

/// Tasks with the keys of the API.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Make a key. It is shown once; the store keeps only a digest of it.
    Create(Create),
    /// List keys: what they may do, and when they were last used.
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Revoke a key. Within a second no node takes it any more.
    Revoke {
        /// The key's id: the part between the underscores.
        id: String,
        #[command(flatten)]
        place: Place,
    },
}

/// Options of `sayso key create`.
#[derive(Debug, Args)]
pub struct Create {
    /// What to call it, such as the system that will use it.
    #[arg(long, value_parser = name)]
    name: String,
    /// What it may do; once for each.
    #[arg(long = "scope", value_enum, required = true, value_name = "SCOPE")]
    scopes: Vec<Scope>,
    /// What it may ask about or record, such as marketing or share:advertising/adlane; once for
    /// each [default: everything].
    #[arg(long = "target", value_name = "TARGET")]
    targets: Vec<Target>,
    /// The system of the register that it speaks for.
    #[arg(long)]
    system: Option<Key>,
    #[command(flatten)]
    place: Place,
}

fn name(text: &str) -> Result<String, String> {
    let text = text.trim();
    let fits = (1..=100).contains(&text.chars().count());
    if fits && !domain::contact::disguises(text) {
        Ok(text.to_owned())
    } else {
        Err("a name has 1 to 100 characters, none of them invisible".to_owned())
    }
}

impl Task {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self {
            Self::Create(create) => create.run().await,
            Self::List { place } => list(&place).await,
            Self::Revoke { id, place } => revoke(&id, &place).await,
        }
    }
}

impl Create {
    async fn run(self) -> Result<(), Failure> {
        let Self { name, mut scopes, targets, system, place } = self;
        scopes.sort_unstable();
        scopes.dedup();
        let store = place.open_store().await?;
        let grant = Grant { name, scopes, targets, system };
        let (text, row) = make(&grant, SystemClock.now(), &SystemRandom);
        store.insert_api_key(&row).await.map_err(Failure::new)?;
        store.close().await;
        say(text);
        Ok(())
    }
}

async fn list(place: &Place) -> Result<(), Failure> {
    let store = place.open_store().await?;
    let keys = store.list_api_keys().await.map_err(Failure::new)?;
    store.close().await;
    if keys.is_empty() {
        say("There are no keys; make one with `sayso key create`.");
    }
    for key in keys {
        say(line(&key));
    }
    Ok(())
}

fn line(key: &ApiKeyRow) -> String {
    let everything = if key.targets.is_empty() { "everything" } else { &key.targets };
    let system = key.system.as_deref().map(|key| format!(", system {key}")).unwrap_or_default();
    let used =
        key.used_at.map_or_else(|| "never used".to_owned(), |at| format!("used {}", date(at)));
    let revoked = key.revoked_at.map(|at| format!(", revoked {}", date(at))).unwrap_or_default();
    format!(
        "{}  {}  [{}] on {everything}{system}, made {}, {used}{revoked}",
        key.id,
        key.name,
        key.scopes,
        date(key.created_at)
    )
}

fn date(at: i64) -> String {
    let Moment(millis) = Moment(at);
    Timestamp::from_millisecond(millis)
        .map(|at| at.strftime("%Y-%m-%d %H:%M").to_string())
        .unwrap_or_default()
}

async fn revoke(id: &str, place: &Place) -> Result<(), Failure> {
    // Whoever pastes the whole key means its id.
    let id = id.strip_prefix("sayso_").and_then(|rest| rest.split('_').next()).unwrap_or(id);
    let store = place.open_store().await?;
    let revoked = store.record_api_key_revoked(id, SystemClock.now().0).await;
    let revoked = revoked.map_err(Failure::new)?;
    store.close().await;
    if !revoked {
        return Err(Failure::new("there is no key of that id, or it was revoked before"));
    }
    say("Revoked.");
    Ok(())
}
