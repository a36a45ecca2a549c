//! Where an installation lives: its data folder, its database, its keys.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use domain::outbox::{Confirmed, GATHER};

use super::Failure;
use crate::index::Index;
use crate::keys::{KeyError, Keys};
use crate::ledger::{Confirming, GROUP, Ledger};
use crate::metrics::Metrics;
use crate::notices::Notices;
use crate::outbox::FileOutbox;
use crate::ports::{Clock, Mail, Random, SystemClock, SystemRandom};
use crate::service::{Service, lately};
use crate::store::Store;
use crate::tell::Networks;
use crate::vault::Vault;

/// Days for which a replaced link still opts out, where nothing else is asked for.
pub const RETIRED_LINK_DAYS: u16 = 400;

/// How strict to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// Keys are made when they are missing, messages go into a folder.
    Development,
    /// Keys must be there, the address must be https.
    Production,
}

/// Options that every task takes.
#[derive(Clone, Debug, Args)]
pub struct Place {
    /// Folder for the database file, the keys and the outbox.
    #[arg(long, value_name = "DIR", default_value = "data", env = "SAYSO_DATA")]
    pub data: PathBuf,
    /// Database to use instead of a file in the data folder (sqlite:FILE or postgres://…).
    #[arg(long, value_name = "URL", env = "SAYSO_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// File with the secret keys [default: keys.toml in the data folder].
    #[arg(long, value_name = "FILE", env = "SAYSO_KEYS")]
    pub keys: Option<PathBuf>,
    /// development or production.
    #[arg(long, value_enum, default_value_t = Mode::Development, env = "SAYSO_MODE")]
    pub mode: Mode,
}

/// Where webhooks may go.
#[derive(Clone, Debug, Args)]
pub struct Outgoing {
    /// Network of one's own that webhooks may go to, such as 10.20.0.0/16; several with commas.
    /// Others that are not public are refused.
    #[arg(
        long = "allow-network",
        value_name = "CIDR",
        default_value = "",
        hide_default_value = true,
        env = "SAYSO_ALLOW_NETWORK"
    )]
    pub networks: Networks,
}

/// An opened place.
pub struct Premises {
    /// The store.
    pub store: Store,
    /// The keys at work.
    pub vault: Vault,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The random generator.
    pub random: Arc<dyn Random>,
}

impl Premises {
    /// Puts the installation together. Its messages go into a folder of `data`, and no choice is
    /// confirmed.
    ///
    /// # Errors
    /// A sentence that says that no catalogue is published.
    pub async fn assemble(
        self,
        data: &Path,
        index: Arc<Index>,
        group: NonZeroUsize,
    ) -> Result<Service, Failure> {
        let (clock, random) = (Arc::clone(&self.clock), Arc::clone(&self.random));
        let mail = FileOutbox::new(data.join("outbox"), clock, random);
        self.assemble_with(index, group, Arc::new(mail), None).await
    }

    /// The same for a task beside the server that records what customers told: confirmations are
    /// begun, and the portal that serves sends them, or drops them where it confirms nothing.
    ///
    /// # Errors
    /// As for [`Premises::assemble`].
    pub async fn assemble_beside(self, data: &Path) -> Result<Service, Failure> {
        let (clock, random) = (Arc::clone(&self.clock), Arc::clone(&self.random));
        let mail = FileOutbox::new(data.join("outbox"), clock, Arc::clone(&random));
        let confirming = Confirming { confirmed: Confirmed::Own, wait: GATHER, random };
        let index = Arc::new(Index::empty());
        self.assemble_with(index, GROUP, Arc::new(mail), Some(confirming)).await
    }

    /// The same with a way for messages, and with confirmations where they are asked for.
    ///
    /// # Errors
    /// A sentence that says that no catalogue is published.
    pub async fn assemble_with(
        self,
        index: Arc<Index>,
        group: NonZeroUsize,
        mail: Arc<dyn Mail>,
        confirming: Option<Confirming>,
    ) -> Result<Service, Failure> {
        let Self { store, vault, clock, random } = self;
        let notices = Notices::load(store.clone()).await.map_err(Failure::new)?;
        let (ledger_store, ledger_index) = (store.clone(), Arc::clone(&index));
        Ok(Service {
            ledger: Ledger::start_confirming(ledger_store, ledger_index, group, confirming),
            index,
            store,
            notices,
            vault,
            clock,
            random,
            mail,
            progress: lately(),
            is_sole: false,
            retired_link_days: RETIRED_LINK_DAYS,
            metrics: Metrics::default(),
        })
    }
}

impl Place {
    /// Opens the store and the keys.
    ///
    /// # Errors
    /// A sentence that says what is missing.
    pub async fn open(&self) -> Result<Premises, Failure> {
        let vault = Vault::new(&self.read_keys()?);
        let store = self.open_store().await?;
        Ok(Premises { store, vault, clock: Arc::new(SystemClock), random: Arc::new(SystemRandom) })
    }

    /// Opens the store alone.
    ///
    /// # Errors
    /// A sentence that says why it can't be opened. The URL may hold a password, so it is not in it.
    pub async fn open_store(&self) -> Result<Store, Failure> {
        let url = if let Some(url) = &self.database_url {
            url.clone()
        } else {
            let made = std::fs::create_dir_all(&self.data);
            let folder = self.data.display();
            made.map_err(|error| {
                Failure::new(format!("the folder {folder} can't be made: {error}"))
            })?;
            format!("sqlite:{}", self.data.join("sayso.db").display())
        };
        Store::open(&url).await.map_err(Failure::new)
    }

    /// Whether this process alone serves from the place, until it ends. Several may share a
    /// `PostgreSQL`; a file beside the SQLite file tells whether anyone else is there.
    #[must_use]
    pub fn is_sole(&self) -> bool {
        if self.database_url.is_some() {
            return false;
        }
        let lock = std::fs::File::create(self.data.join("serving.lock"));
        // Held until the process ends: nothing must release it before.
        lock.is_ok_and(|lock| Box::leak(Box::new(lock)).try_lock().is_ok())
    }

    /// Reads the keys.
    ///
    /// # Errors
    /// A sentence that says what is wrong with them.
    pub fn read_keys(&self) -> Result<Keys, Failure> {
        let path = self.keys.clone().unwrap_or_else(|| self.data.join("keys.toml"));
        match Keys::read(&path) {
            Ok(mut keys) => {
                if self.mode == Mode::Development {
                    // Where the file can't be written there are no snapshots, and all else works.
                    drop(keys.add_snapshot(&SystemRandom, &path));
                    if keys.receipt.is_empty() {
                        drop(keys.add_receipt(&SystemRandom, &path));
                    }
                }
                Ok(keys)
            }
            Err(KeyError::Missing(_)) if self.mode == Mode::Development => {
                let keys = Keys::generate(&SystemRandom);
                keys.write_new(&path).map_err(Failure::new)?;
                Ok(keys)
            }
            Err(error) => Err(Failure::new(error)),
        }
    }
}
