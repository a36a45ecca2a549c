//! `sayso system`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Subcommand;
use domain::catalogue::{System, Tell};

use super::{Failure, Place, Premises, say};
use crate::notices::Notices;
use crate::tell::{enable, new_secret};

/// Tasks with systems that must obey choices.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// List the systems of the catalogue in force.
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Make the secret that a system's webhooks are signed with, and show it this once.
    Secret {
        /// The system's key.
        name: String,
        /// Replace the secret that is there; for seven days webhooks carry both signatures.
        #[arg(long)]
        rotate: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Show the key by which a system compares people with its own books: HMAC-SHA-256 of
    /// `email:…`, `phone:…` or `customer:…` under it, in hexadecimal.
    HashKey {
        /// The system's key.
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// Tell a system again that had answered 410, with what failed by that and all that waits for
    /// it.
    Enable {
        /// The system's key.
        name: String,
        #[command(flatten)]
        place: Place,
    },
}

impl Task {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self {
            Self::List { place } => list(&place.open().await?).await,
            Self::Secret { name, rotate, place } => {
                let premises = place.open().await?;
                let system = find(&premises, &name).await?;
                if !matches!(system.tell, Tell::Webhook(_)) {
                    return Err(Failure::usage(format!("{name} is not told by webhook")));
                }
                secret(&premises, &name, rotate).await
            }
            Self::HashKey { name, place } => {
                let premises = place.open().await?;
                find(&premises, &name).await?;
                say(STANDARD.encode(premises.vault.system_key(&name)));
                Ok(())
            }
            Self::Enable { name, place } => {
                let premises = place.open().await?;
                find(&premises, &name).await?;
                let now = premises.clock.now();
                enable(&premises.store, &name, now).await.map_err(Failure::new)?;
                say(format_args!("{name} is told again."));
                Ok(())
            }
        }
    }
}

async fn find(premises: &Premises, name: &str) -> Result<System, Failure> {
    let notice = Notices::load(premises.store.clone()).await.map_err(Failure::new)?.current();
    let known = notice.catalogue.system(name).cloned();
    known.ok_or_else(|| Failure::usage(format!("the catalogue in force has no system {name:?}")))
}

async fn secret(premises: &Premises, name: &str, rotate: bool) -> Result<(), Failure> {
    let (secret, sealed) = new_secret(name, &premises.vault, premises.random.as_ref());
    let now = premises.clock.now().0;
    let taken = premises.store.record_secret(name, &sealed, rotate, now).await;
    if !taken.map_err(Failure::new)? {
        return Err(Failure::new(format!(
            "{name} has a secret, which was shown once; --rotate makes another"
        )));
    }
    say(secret);
    Ok(())
}

async fn list(premises: &Premises) -> Result<(), Failure> {
    let notice = Notices::load(premises.store.clone()).await.map_err(Failure::new)?.current();
    let states = premises.store.list_systems().await.map_err(Failure::new)?;
    for system in &notice.catalogue.systems {
        let key = system.key.as_str();
        let state = states.iter().find(|row| row.system == key);
        let told = match &system.tell {
            Tell::Webhook(url) => format!("webhook {url}"),
            Tell::File(name) => format!("file {name}"),
            Tell::Feed => "feed".into(),
        };
        let secretless =
            matches!(system.tell, Tell::Webhook(_)) && state.is_none_or(|row| row.secret.is_none());
        let note = if state.is_some_and(|row| row.disabled_at.is_some()) {
            ", disabled (it answered 410)"
        } else if secretless {
            ", waits for its secret"
        } else {
            ""
        };
        say(format_args!("{key}: {told}, {} business days{note}", system.lead_business_days));
    }
    if notice.catalogue.systems.is_empty() {
        say("The catalogue in force has no systems.");
    }
    Ok(())
}
