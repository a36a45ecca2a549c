//! Whether a link answers. Only the portal's own address is ever asked, by GET, which changes
//! nothing.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::Client;
use reqwest::redirect::Policy;
use url::Url;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Looks whether links answer.
#[async_trait]
pub trait Visit: Send + Sync {
    /// The status of the answer; none where there is none, or the link leads elsewhere.
    async fn status(&self, link: &str) -> Option<u16>;
}

/// Looks over HTTP.
pub struct HttpVisit {
    base: Url,
    client: Client,
}

impl HttpVisit {
    /// One that goes to this address and nowhere else; none where it is no address.
    #[must_use]
    pub fn new(base_url: &str) -> Option<Self> {
        // Whoever comes first installs it; it is the same one.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = Client::builder()
            .redirect(Policy::none())
            .timeout(PATIENCE)
            .user_agent(concat!("Sayso/", env!("CARGO_PKG_VERSION")))
            .build();
        Some(Self { base: Url::parse(base_url).ok()?, client: client.ok()? })
    }
}

#[async_trait]
impl Visit for HttpVisit {
    async fn status(&self, link: &str) -> Option<u16> {
        let link = Url::parse(link).ok()?;
        if link.origin() != self.base.origin() || !link.username().is_empty() {
            return None;
        }
        let answer = self.client.get(link).send().await.ok()?;
        Some(answer.status().as_u16())
    }
}
