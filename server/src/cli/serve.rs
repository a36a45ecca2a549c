//! `sayso serve`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use domain::contact::{Email, IdentifierKind};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use super::place::{Mode, Outgoing, RETIRED_LINK_DAYS};
use super::signalling::Signalling;
use super::{Failure, Place, Premises, say};
use crate::agent::Courier;
use crate::api::Options;
use crate::gate::LEASE;
use crate::index::Index;
use crate::ledger::GROUP;
use crate::notices::{NoticeError, publish};
use crate::people;
use crate::service::Service;
use crate::tell::{HttpPost, PATIENCE, Teller};
use crate::web::{Web, router};

/// Options of `sayso serve`.
#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    outgoing: Outgoing,
    #[command(flatten)]
    signalling: Signalling,
    /// Port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 3000, env = "SAYSO_PORT")]
    port: u16,
    /// Address to listen on.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), env = "SAYSO_HOST")]
    host: IpAddr,
    /// Address that customers use (https://…) [default: where it listens].
    #[arg(long, value_name = "URL", env = "SAYSO_BASE_URL")]
    base_url: Option<String>,
    /// Days for which a replaced link still opts out; at least 60.
    #[arg(long, value_name = "DAYS", default_value_t = RETIRED_LINK_DAYS,
          value_parser = clap::value_parser!(u16).range(60..), env = "SAYSO_RETIRED_LINK_DAYS")]
    retired_link_days: u16,
    /// Folder with catalogue.toml and customers.csv to load when the store is empty.
    #[arg(long, value_name = "DIR")]
    example: Option<PathBuf>,
    /// Requests a second that one key may make; twice as many at once. 0 for no limit.
    #[arg(long, value_name = "REQUESTS", default_value_t = 1_000, env = "SAYSO_API_RATE")]
    api_rate: u32,
    /// Give /metrics to whoever asks, without a key.
    #[arg(long, env = "SAYSO_METRICS_OPEN")]
    metrics_open: bool,
    /// Seconds for which a decision's lease is valid.
    #[arg(long, value_name = "SECONDS", default_value_t = LEASE,
          value_parser = clap::value_parser!(u16).range(1..=3600), env = "SAYSO_LEASE_SECONDS")]
    lease_seconds: u16,
    /// How logs are written.
    #[arg(long, value_enum, default_value_t = LogForm::Text, env = "SAYSO_LOG_FORM")]
    log_form: LogForm,
    /// Most choices that share one commit; 1 is what sharing is measured against.
    #[arg(long, hide = true, value_name = "CHOICES", default_value_t = GROUP)]
    group: NonZeroUsize,
}

/// How logs are written.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum LogForm {
    /// A line to read.
    Text,
    /// A JSON object to collect.
    Json,
}

impl Serve {
    pub(super) async fn run(self) -> Result<(), Failure> {
        start_logging(self.log_form);
        self.check()?;
        let premises = self.place.open().await?;
        if let Some(folder) = &self.example {
            furnish(&premises, folder).await?;
        }
        let listener = TcpListener::bind(SocketAddr::new(self.host, self.port))
            .await
            .map_err(|error| Failure::new(format!("port {} can't be used: {error}", self.port)))?;
        let address = listener.local_addr().map_err(Failure::new)?;
        let base_url = self.base_url.clone().unwrap_or_else(|| format!("http://{address}"));
        if let Some(folder) = &self.example {
            show_link(&premises, folder, &base_url).await?;
        }
        say(format_args!("Listening on {base_url}"));
        let index = Index::start(premises.store.clone());
        let service = Service {
            is_sole: self.place.is_sole(),
            retired_link_days: self.retired_link_days,
            ..premises.assemble(&self.place.data, index, self.group).await?
        };
        let service = Arc::new(service);
        tokio::spawn(keep_house(Arc::clone(&service)));
        tokio::spawn(self.teller(Arc::clone(&service)).run());
        let options = Options {
            lease_seconds: self.lease_seconds,
            rate: NonZeroU32::new(self.api_rate),
            metrics_open: self.metrics_open,
        };
        let web = Web::new(Arc::clone(&service), &base_url).with_api(options);
        let mut web = web.with_signals(self.signalling.signals());
        if let Some(agents) = self.signalling.agents()? {
            let post = HttpPost::new(self.outgoing.networks.clone(), PATIENCE);
            tokio::spawn(Courier::new(service, Arc::new(post), &base_url).run());
            web = web.with_agents(agents);
        }
        axum::serve(listener, router(web))
            .with_graceful_shutdown(asked_to_stop())
            .await
            .map_err(Failure::new)
    }

    fn teller(&self, service: Arc<Service>) -> Teller {
        let post = HttpPost::new(self.outgoing.networks.clone(), PATIENCE);
        Teller::new(service, Arc::new(post), self.place.data.join("drops"))
    }

    fn check(&self) -> Result<(), Failure> {
        if self.place.mode == Mode::Development {
            return Ok(());
        }
        match &self.base_url {
            Some(url) if url.starts_with("https://") => Ok(()),
            _ => Err(Failure::usage("production needs --base-url with an https address")),
        }
    }
}

fn start_logging(form: LogForm) {
    let filter = EnvFilter::try_from_env("SAYSO_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match form {
        LogForm::Text => lines.try_init(),
        LogForm::Json => lines.json().try_init(),
    };
    drop(started);
}

/// Publishes an example's register and loads its customers, once.
async fn furnish(premises: &Premises, folder: &Path) -> Result<(), Failure> {
    if premises.store.find_latest_notice_number().await.map_err(Failure::new)?.is_some() {
        return Ok(());
    }
    let source = super::catalogue::read(&folder.join("catalogue.toml"))?;
    let now = premises.clock.now();
    publish(&premises.store, &source, now).await.map_err(|error| match error {
        NoticeError::Problems(problems) => Failure::new(format!(
            "the example catalogue has problems: {}",
            problems.first().map(ToString::to_string).unwrap_or_default()
        )),
        other => Failure::new(other),
    })?;
    let file = folder.join("customers.csv");
    let report = people::import(premises, &people::Import::quiet(file)).await?;
    say(format_args!("Loaded {} example customers.", report.added));
    Ok(())
}

/// Prints the link of the example's first customer, so that a newcomer has something to open.
async fn show_link(premises: &Premises, folder: &Path, base_url: &str) -> Result<(), Failure> {
    let file = folder.join("customers.csv");
    let mut rows = csv::Reader::from_path(&file).map_err(Failure::new)?;
    let column = rows.headers().map_err(Failure::new)?.iter().position(|name| name == "email");
    let first = rows.records().next().transpose().map_err(Failure::new)?;
    let email = first.as_ref().and_then(|row| row.get(column?)).and_then(|text| text.parse().ok());
    let Some(email): Option<Email> = email else { return Ok(()) };
    let digests = premises.vault.lookup(IdentifierKind::Email, email.as_str());
    let digests: Vec<_> = digests.into_iter().map(|known| known.digest).collect();
    let people = premises.store.list_people_by_digest(&digests).await.map_err(Failure::new)?;
    for id in people.into_iter().take(1) {
        if let Some(person) = premises.store.find_person(id).await.map_err(Failure::new)? {
            let link = people::mint(premises, &person, base_url).await?;
            say(format_args!("A customer's personal link: {link}"));
        }
    }
    Ok(())
}

/// Takes up new notices and forgets what expired.
async fn keep_house(service: Arc<Service>) {
    let mut tick = tokio::time::interval(Duration::from_secs(2));
    let mut turn = 0_u32;
    loop {
        tick.tick().await;
        if let Err(error) = service.notices.refresh().await {
            tracing::error!(%error, "a new notice can't be taken up");
        }
        turn = turn.wrapping_add(1);
        if turn.is_multiple_of(150) {
            let now = service.clock.now().0;
            if let Err(error) = service.store.delete_expired(now).await {
                tracing::error!(%error, "expired sessions can't be forgotten");
            }
        }
    }
}

async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let kind = tokio::signal::unix::SignalKind::terminate();
        if let Ok(mut terminate) = tokio::signal::unix::signal(kind) {
            tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
            return;
        }
    }
    drop(interrupt.await);
}
