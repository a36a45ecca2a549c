//! Whether a link answers. Only the portal's own address is ever asked, by GET, which changes
//! nothing.

use std::time::Duration;

use app::routes;
use async_trait::async_trait;
use reqwest::Client;
use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use url::Url;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How a link answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// With this status.
    Status(u16),
    /// With a way to the page that says that the link is unknown.
    UnknownLink,
}

/// Looks whether links answer.
#[async_trait]
pub trait Visit: Send + Sync {
    /// The answer; none where there is none, or the link is not the portal's.
    async fn ask(&self, link: &str) -> Option<Answer>;
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
    async fn ask(&self, link: &str) -> Option<Answer> {
        let link = Url::parse(link).ok()?;
        if link.origin() != self.base.origin() || !link.username().is_empty() {
            return None;
        }
        let answer = self.client.get(link).send().await.ok()?;
        let leads_to = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        Some(match leads_to {
            Some(place) if place.ends_with(&routes::unknown_link()) => Answer::UnknownLink,
            _ => Answer::Status(answer.status().as_u16()),
        })
    }
}
