//! Fetching mail from a mailbox (RFC 3501 or 9051), where no server hands it over.
//!
//! A message is marked as handled after it is on disk here, so an outage in between only makes it
//! come twice, which counts once.

use std::sync::Arc;
use std::time::Duration;

use async_imap::types::Fetch;
use async_imap::{Client, Session};
use futures::TryStreamExt;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

use super::{Doors, Envelope, MOST, NotKept, receive};
use crate::service::Service;

/// How long a server may take for one turn.
const PATIENCE: Duration = Duration::from_mins(2);
/// Messages of one turn; what is left waits for the next.
const TURN: usize = 200;
/// Longest wait after outages.
const LONGEST: Duration = Duration::from_mins(15);

/// A mailbox on a server.
#[derive(Clone)]
pub struct Mailbox {
    /// Host and port.
    pub server: (String, u16),
    /// Who logs in.
    pub user: String,
    /// With which password.
    pub password: Zeroizing<String>,
    /// The folder that is read.
    pub folder: String,
    /// The folder that handled messages are moved into; none: they are marked as seen.
    pub done: Option<String>,
    /// Wait between two looks.
    pub every: Duration,
    /// Whether the connection is encrypted; only this machine's own server may do without.
    pub encrypted: bool,
}

/// Why a mailbox could not be read. Says nothing of what is in it.
#[derive(Debug, thiserror::Error)]
pub enum ImapError {
    /// The server can't be reached.
    #[error("the mail server can't be reached: {0}")]
    Connection(#[from] std::io::Error),
    /// The encryption can't be set up.
    #[error("the connection can't be encrypted: {0}")]
    Encryption(String),
    /// The server refused user or password.
    #[error("the mail server refused user or password")]
    Login,
    /// The server said something else than expected.
    #[error("the mail server answered otherwise than expected")]
    Protocol,
    /// It took too long.
    #[error("the mail server took too long")]
    Slow,
    /// A message could not be kept here.
    #[error(transparent)]
    NotKept(#[from] NotKept),
}

impl From<async_imap::error::Error> for ImapError {
    fn from(error: async_imap::error::Error) -> Self {
        // The server's own words may quote a message.
        match error {
            async_imap::error::Error::Io(error) => Self::Connection(error),
            _ => Self::Protocol,
        }
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug> Stream for S {}

/// Reads a mailbox until the program ends, through every outage.
pub async fn follow(service: Arc<Service>, doors: Arc<Doors>, mailbox: Mailbox) {
    let mut wait = mailbox.every;
    loop {
        match look(&service, &doors, &mailbox).await {
            Ok(_) => wait = mailbox.every,
            Err(error) => {
                tracing::error!(%error, "the mailbox can't be read");
                service.metrics.arrived("imap", "failed");
                wait = (wait * 2).min(LONGEST.max(mailbox.every));
            }
        }
        sleep(wait).await;
    }
}

/// Takes all that waits in a mailbox. Says how many messages that was.
///
/// # Errors
/// [`ImapError`]; what was not marked as handled comes again.
pub async fn look(service: &Service, doors: &Doors, mailbox: &Mailbox) -> Result<usize, ImapError> {
    timeout(PATIENCE, take_all(service, doors, mailbox)).await.map_err(|_| ImapError::Slow)?
}

async fn take_all(service: &Service, doors: &Doors, mailbox: &Mailbox) -> Result<usize, ImapError> {
    let mut client = Client::new(connect(mailbox).await?);
    client.read_response().await?.ok_or(ImapError::Protocol)?;
    let login = client.login(&mailbox.user, mailbox.password.as_str()).await;
    let mut session = login.map_err(|(error, _)| match error {
        async_imap::error::Error::No(_) => ImapError::Login,
        other => other.into(),
    })?;
    session.select(&mailbox.folder).await?;
    let moves = session.capabilities().await?.has_str("MOVE");
    let mut waiting: Vec<u32> = session.uid_search("UNSEEN UNDELETED").await?.into_iter().collect();
    waiting.sort_unstable();
    waiting.truncate(TURN);
    for uid in &waiting {
        // What can't be fetched is not settled: it may only have failed this time.
        if let Some(raw) = fetch(&mut session, *uid).await? {
            receive(service, doors, &raw, &Envelope::default()).await?;
            settle(&mut session, mailbox, *uid, moves).await?;
        }
    }
    // A search or fetch that a broken connection cut short looks like one that found nothing.
    session.noop().await?;
    // Everything is settled already; how the server says goodbye does not matter.
    drop(session.logout().await);
    Ok(waiting.len())
}

async fn connect(mailbox: &Mailbox) -> Result<Box<dyn Stream>, ImapError> {
    let (host, port) = &mailbox.server;
    let stream = TcpStream::connect((host.as_str(), *port)).await?;
    if !mailbox.encrypted {
        if !stream.peer_addr()?.ip().is_loopback() {
            let why = "only a server on this machine may do without encryption";
            return Err(ImapError::Encryption(why.into()));
        }
        return Ok(Box::new(stream));
    }
    let broken = |error: &dyn std::fmt::Display| ImapError::Encryption(error.to_string());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(|error| broken(&error))?
        .with_no_client_auth();
    let name = ServerName::try_from(host.clone()).map_err(|error| broken(&error))?;
    let connector = TlsConnector::from(Arc::new(config));
    let stream = connector.connect(name, stream).await.map_err(|error| broken(&error))?;
    Ok(Box::new(stream))
}

/// A message, or its beginning where it is longer than what is read; not marked as seen yet.
async fn fetch(
    session: &mut Session<Box<dyn Stream>>,
    uid: u32,
) -> Result<Option<Vec<u8>>, ImapError> {
    let what = format!("(UID BODY.PEEK[]<0.{}>)", MOST + 1);
    let mut found: Vec<Fetch> =
        session.uid_fetch(uid.to_string(), what).await?.try_collect().await?;
    found.retain(|message| message.uid == Some(uid));
    Ok(found.first().and_then(Fetch::body).map(ToOwned::to_owned))
}

/// Marks a message as handled, or moves it away.
async fn settle(
    session: &mut Session<Box<dyn Stream>>,
    mailbox: &Mailbox,
    uid: u32,
    moves: bool,
) -> Result<(), ImapError> {
    let uid = uid.to_string();
    let mark = |flag: &str| format!("+FLAGS.SILENT ({flag})");
    let Some(done) = &mailbox.done else {
        let _: Vec<Fetch> = session.uid_store(&uid, mark("\\Seen")).await?.try_collect().await?;
        return Ok(());
    };
    if moves {
        session.uid_mv(&uid, done).await?;
        return Ok(());
    }
    session.uid_copy(&uid, done).await?;
    let _: Vec<Fetch> =
        session.uid_store(&uid, mark("\\Deleted \\Seen")).await?.try_collect().await?;
    let _: Vec<u32> = session.expunge().await?.try_collect().await?;
    Ok(())
}
