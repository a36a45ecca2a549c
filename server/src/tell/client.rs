//! Posting over HTTP, without being led into private networks.
//!
//! A name is looked up once, and the connection goes to an address that passed: so a name that
//! changes its mind between check and use (DNS rebinding) gains nothing. No proxy of the
//! environment is used, since it would look names up itself.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, header};
use url::Url;

use super::networks::Networks;
use crate::ports::{Parcel, Post, Reply, Unreached};

/// Bytes that are read of an answer: enough for `{"acknowledged": true}`.
const BODY: usize = 4 * 1024;
/// How long a system may take (Standard Webhooks 1.0: 15 to 30 seconds).
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Posts over HTTPS, and over HTTP within networks of one's own.
pub struct HttpPost {
    networks: Arc<Networks>,
    patience: Duration,
    /// Made when the first parcel goes out: the machine's certificates take megabytes, which a
    /// portal that posts nothing can spare.
    clients: OnceLock<Option<Clients>>,
}

/// For https and for http.
struct Clients {
    encrypted: Client,
    plain: Client,
}

impl HttpPost {
    /// A client that waits so long for an answer. On a machine without certificates nothing can be
    /// posted, which is logged: the rest of the portal goes on.
    #[must_use]
    pub fn new(networks: Networks, patience: Duration) -> Self {
        Self { networks: Arc::new(networks), patience, clients: OnceLock::new() }
    }

    fn clients(&self) -> Option<&Clients> {
        let made = self.clients.get_or_init(|| {
            let clients = Clients::make(&self.networks, self.patience);
            if let Err(error) = &clients {
                tracing::error!(%error, "webhooks can't be sent");
            }
            clients.ok()
        });
        made.as_ref()
    }
}

impl Clients {
    fn make(networks: &Arc<Networks>, patience: Duration) -> reqwest::Result<Self> {
        // Whoever comes first installs it; it is the same one.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = |only_named| {
            let resolver = Lookup { networks: Arc::clone(networks), only_named };
            Client::builder()
                .redirect(Policy::none())
                .no_proxy()
                .timeout(patience)
                .connect_timeout(patience / 2)
                .pool_idle_timeout(Duration::from_secs(30))
                .user_agent(concat!("Sayso/", env!("CARGO_PKG_VERSION")))
                .dns_resolver(Arc::new(resolver))
                .build()
        };
        Ok(Self { encrypted: client(false)?, plain: client(true)? })
    }
}

#[async_trait]
impl Post for HttpPost {
    async fn post(&self, parcel: Parcel) -> Result<Reply, Unreached> {
        let url = Url::parse(&parcel.url).map_err(|_| Unreached::Unknown)?;
        if !self.networks.admits_url(&url) {
            return Err(Unreached::Private);
        }
        let Clients { encrypted, plain } = self.clients().ok_or(Unreached::Connection)?;
        let client = if url.scheme() == "https" { encrypted } else { plain };
        let mut request = client
            .post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .body(parcel.body);
        for (name, value) in parcel.headers {
            request = request.header(name, value);
        }
        let response = request.send().await.map_err(|error| unreached(&error))?;
        let status = response.status().as_u16();
        let retry_after = response.headers().get(header::RETRY_AFTER);
        let retry_after = retry_after.and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
        Ok(Reply { status, retry_after, body: read(response).await })
    }
}

/// The first bytes of a body. The status is what counts, so a body that breaks off is just short.
async fn read(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(part)) = response.chunk().await {
        let room = BODY - body.len();
        body.extend_from_slice(&part[..part.len().min(room)]);
        if body.len() == BODY {
            break;
        }
    }
    body
}

fn unreached(error: &reqwest::Error) -> Unreached {
    if error.is_timeout() {
        return Unreached::Timeout;
    }
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(known) = inner.downcast_ref::<Unreached>() {
            return *known;
        }
        cause = inner.source();
    }
    if error.is_connect() { Unreached::Connection } else { Unreached::Broken }
}

/// Looks names up and keeps only addresses that webhooks may go to.
struct Lookup {
    networks: Arc<Networks>,
    /// Unencrypted webhooks go to networks of one's own alone.
    only_named: bool,
}

impl Lookup {
    fn sieve(
        networks: &Networks,
        only_named: bool,
        found: impl Iterator<Item = SocketAddr>,
    ) -> Result<Vec<SocketAddr>, Unreached> {
        let found: Vec<_> = found.collect();
        if found.is_empty() {
            return Err(Unreached::Unknown);
        }
        let admitted = |address: &SocketAddr| {
            if only_named { networks.names(address.ip()) } else { networks.admits(address.ip()) }
        };
        // A name that leads to both is either broken or a trap.
        if found.iter().all(admitted) { Ok(found) } else { Err(Unreached::Private) }
    }
}

impl Resolve for Lookup {
    fn resolve(&self, name: Name) -> Resolving {
        let (networks, only_named) = (Arc::clone(&self.networks), self.only_named);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            let found = found.map_err(|_| Unreached::Unknown)?;
            let found = Self::sieve(&networks, only_named, found)?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sieved(only_named: bool, found: &[&str]) -> Result<usize, Unreached> {
        let networks = "10.0.0.0/8".parse().unwrap();
        let found = found.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 443));
        Lookup::sieve(&networks, only_named, found).map(|kept| kept.len())
    }

    #[test]
    fn a_name_is_called_only_where_every_address_may_be_reached() {
        assert_eq!(sieved(false, &["8.8.8.8", "10.0.0.1"]), Ok(2));
        assert_eq!(sieved(false, &["8.8.8.8", "127.0.0.1"]), Err(Unreached::Private));
        assert_eq!(sieved(false, &["::ffff:169.254.169.254"]), Err(Unreached::Private));
        assert_eq!(sieved(true, &["8.8.8.8"]), Err(Unreached::Private));
        assert_eq!(sieved(true, &["10.0.0.1"]), Ok(1));
        assert_eq!(sieved(false, &[]), Err(Unreached::Unknown));
    }

    #[tokio::test]
    async fn a_name_that_leads_home_is_refused_at_connect_time() {
        let parcel =
            |url: &str| Parcel { url: url.into(), headers: Vec::new(), body: String::new() };
        let post = HttpPost::new(Networks::default(), PATIENCE);
        let lookup = Lookup { networks: Arc::default(), only_named: false };
        let found = lookup.resolve("localhost".parse().unwrap()).await.err().unwrap();
        assert_eq!(found.downcast_ref(), Some(&Unreached::Private));
        for url in ["https://localhost:1/", "https://127.0.0.1:1/", "http://127.0.0.1:1/"] {
            assert_eq!(post.post(parcel(url)).await, Err(Unreached::Private), "{url}");
        }
    }
}
