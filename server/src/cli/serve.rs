//! `sayso serve`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderName;
use clap::Args;
use domain::contact::Email;
use domain::moment::DAY;
use tokio::net::TcpListener;

use super::doors::DoorOptions;
use super::listen::listen;
use super::place::{Mode, Outgoing, RETIRED_LINK_DAYS};
use super::signalling::Signalling;
use super::{Failure, Place, Premises, say};
use crate::agent::Courier;
use crate::api::Options;
use crate::gate::LEASE;
use crate::inbound::{forget_old, imap};
use crate::index::Index;
use crate::ledger::{Confirming, GROUP};
use crate::letters::{Letterbox, SHORT_CODE_DAYS};
use crate::notices::{NoticeError, publish};
use crate::outbox::{MailOptions, MailUrl, Postman, Stationery};
use crate::people;
use crate::ports::Mail;
use crate::proof::publish_heads;
use crate::service::Service;
use crate::telemetry::{LogForm, Traces, start_logging};
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
    #[command(flatten)]
    mail: MailOptions,
    #[command(flatten)]
    doors: DoorOptions,
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
    /// Days from its export for which a code in a letter opens somebody's choices; at least 60.
    #[arg(long, value_name = "DAYS", default_value_t = SHORT_CODE_DAYS,
          value_parser = clap::value_parser!(u16).range(60..), env = "SAYSO_SHORT_CODE_DAYS")]
    short_code_days: u16,
    /// Show the link kit under /kit and the phone script under /script [default: yes in
    /// development, no in production].
    #[arg(long, value_name = "YES", num_args = 0..=1, default_missing_value = "true", env = "SAYSO_KIT")]
    kit: Option<bool>,
    /// Header field in which your proxy says where a request comes from, such as x-forwarded-for
    /// [default: the connection's other end]. Only limits on wrong codes look at it.
    #[arg(long, value_name = "FIELD", env = "SAYSO_CLIENT_FIELD")]
    client_field: Option<HeaderName>,
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
    /// Where traces go: a collector that takes OTLP over HTTP, such as <http://127.0.0.1:4318>
    /// [default: nowhere]. The other OTEL_ variables count, too.
    #[arg(long, value_name = "URL", env = "OTEL_EXPORTER_OTLP_ENDPOINT", hide_env_values = true)]
    otlp_endpoint: Option<String>,
    /// How logs are written.
    #[arg(long, value_enum, default_value_t = LogForm::Text, env = "SAYSO_LOG_FORM")]
    log_form: LogForm,
    /// Most choices that share one commit; 1 is what sharing is measured against.
    #[arg(long, hide = true, value_name = "CHOICES", default_value_t = GROUP)]
    group: NonZeroUsize,
}

impl Serve {
    pub(super) async fn run(self) -> Result<(), Failure> {
        self.check()?;
        let traces = Traces::start(self.otlp_endpoint.as_deref()).map_err(Failure::usage)?;
        start_logging(self.log_form, traces.as_ref());
        let ended = self.serve().await;
        if let Some(traces) = traces {
            drop(tokio::task::spawn_blocking(|| traces.end()).await);
        }
        ended
    }

    async fn serve(self) -> Result<(), Failure> {
        let (doors, imap) = (Arc::new(self.doors.doors()?), self.doors.imap()?);
        let agents = self.signalling.agents()?;
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
        let mail = self.transport(&premises, &base_url)?;
        let confirming = Some(self.confirming(&premises));
        let service = Service {
            is_sole: self.place.is_sole(),
            retired_link_days: self.retired_link_days,
            ..premises.assemble_with(index, self.group, mail, confirming).await?
        };
        let service = Arc::new(service);
        tokio::spawn(keep_house(Arc::clone(&service), self.short_code_days));
        tokio::spawn(Postman::new(Arc::clone(&service), self.stationery(&base_url)?).run());
        tokio::spawn(self.teller(Arc::clone(&service)).run());
        if let Some(mailbox) = imap {
            tokio::spawn(imap::follow(Arc::clone(&service), Arc::clone(&doors), mailbox));
        }
        let options = Options {
            lease_seconds: self.lease_seconds,
            rate: NonZeroU32::new(self.api_rate),
            metrics_open: self.metrics_open,
        };
        let web = Web::new(Arc::clone(&service), &base_url).with_api(options).with_doors(doors);
        let mut web = web.with_signals(self.signalling.signals()).with_letterbox(self.letterbox());
        if let Some(agents) = agents {
            let post = HttpPost::new(self.outgoing.networks.clone(), PATIENCE);
            tokio::spawn(Courier::new(service, Arc::new(post), &base_url).run());
            web = web.with_agents(agents);
        }
        listen(listener, router(web)).await.map_err(Failure::new)
    }

    fn letterbox(&self) -> Letterbox {
        Letterbox {
            short_code_days: self.short_code_days,
            kit: self.kit.unwrap_or(self.place.mode == Mode::Development),
            client_field: self.client_field.clone(),
        }
    }

    fn teller(&self, service: Arc<Service>) -> Teller {
        let post = HttpPost::new(self.outgoing.networks.clone(), PATIENCE);
        Teller::new(service, Arc::new(post), self.place.data.join("drops"))
    }

    fn transport(&self, premises: &Premises, base_url: &str) -> Result<Arc<dyn Mail>, Failure> {
        let url = url::Url::parse(base_url).ok();
        let called = url.as_ref().and_then(url::Url::host_str).unwrap_or("localhost");
        let (clock, random) = (Arc::clone(&premises.clock), Arc::clone(&premises.random));
        self.mail.transport(&self.place.data, called, clock, random).map_err(Failure::usage)
    }

    fn confirming(&self, premises: &Premises) -> Confirming {
        let random = Arc::clone(&premises.random);
        Confirming { confirmed: self.mail.confirmed(), wait: self.mail.wait(), random }
    }

    fn stationery(&self, base_url: &str) -> Result<Stationery, Failure> {
        Ok(Stationery {
            base_url: base_url.trim_end_matches('/').to_owned(),
            from: self.mail.sender().map_err(Failure::usage)?,
            confirmed: self.mail.confirmed(),
        })
    }

    fn check(&self) -> Result<(), Failure> {
        let mail = self.mail.check().map_err(Failure::usage)?;
        if self.place.mode == Mode::Development {
            return Ok(());
        }
        if !self.base_url.as_ref().is_some_and(|url| url.starts_with("https://")) {
            return Err(Failure::usage("production needs --base-url with an https address"));
        }
        if matches!(mail, MailUrl::Folder(_)) {
            return Err(Failure::usage("production needs --mail-url: nobody reads a folder"));
        }
        Ok(())
    }
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
    for id in people::list_by_email(premises, &email).await?.into_iter().take(1) {
        if let Some(person) = premises.store.find_person(id).await.map_err(Failure::new)? {
            let link = people::mint(premises, &person, base_url).await?;
            say(format_args!("A customer's personal link: {link}"));
        }
    }
    Ok(())
}

/// Takes up new notices, publishes the day's head and forgets what expired.
async fn keep_house(service: Arc<Service>, short_code_days: u16) {
    let mut tick = tokio::time::interval(Duration::from_secs(2));
    let mut turn = 0_u32;
    loop {
        tick.tick().await;
        if let Err(error) = service.notices.refresh().await {
            tracing::error!(%error, "a new notice can't be taken up");
        }
        if turn.is_multiple_of(30) {
            let keys = service.vault.proof();
            if let Err(error) = publish_heads(&service.store, keys, service.clock.as_ref()).await {
                tracing::error!(%error, "the ledger's head can't be published");
            }
        }
        turn = turn.wrapping_add(1);
        if turn.is_multiple_of(150) {
            let now = service.clock.now().0;
            if let Err(error) = service.store.delete_expired(now).await {
                tracing::error!(%error, "expired sessions can't be forgotten");
            }
            if let Err(error) = forget_old(&service).await {
                tracing::error!(%error, "old requests can't be forgotten");
            }
            if let Err(error) = people::forget_contacts(&service).await {
                tracing::error!(%error, "contacts of erased people can't be forgotten");
            }
            let expired = now - i64::from(short_code_days) * DAY;
            if let Err(error) = service.store.delete_short_codes(expired).await {
                tracing::error!(%error, "expired codes of letters can't be forgotten");
            }
        }
    }
}
