//! Options about those who speak for customers: their browsers and their agents.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use domain::signal::Policy;
use url::Url;

use super::Failure;
use crate::agent::{Agents, Directory};
use crate::web::Signals;

/// Options about browsers and agents.
#[derive(Clone, Debug, Args)]
pub(super) struct Signalling {
    /// For whom Global Privacy Control is honoured.
    #[arg(long, value_enum, default_value_t = Gpc::Everyone, env = "SAYSO_GPC")]
    gpc: Gpc,
    /// Origin of one of the business's own sites, such as <https://www.example.com>, whose pages may
    /// tell of the signal by the snippet; several with commas.
    #[arg(long = "site", value_name = "ORIGIN", value_delimiter = ',', env = "SAYSO_SITES",
          value_parser = origin)]
    sites: Vec<String>,
    /// JSON file with the directory of authorized agents (Data Rights Protocol 1.0): a copy of the
    /// protocol's, or a part of it. Without it no agent is listened to.
    #[arg(long = "agents", value_name = "FILE", requires = "business", env = "SAYSO_AGENTS")]
    directory: Option<PathBuf>,
    /// The business's own id in the Data Rights Protocol.
    #[arg(long = "business-id", value_name = "ID", env = "SAYSO_BUSINESS_ID")]
    business: Option<String>,
}

/// For whom Global Privacy Control is honoured.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Gpc {
    /// Everyone, wherever they are.
    Everyone,
    /// Where law requires it, and where a region is not known.
    Required,
    /// Nobody; /.well-known/gpc.json then says so.
    Nobody,
}

impl Signalling {
    pub fn signals(&self) -> Signals {
        let policy = match self.gpc {
            Gpc::Everyone => Policy::Everyone,
            Gpc::Required => Policy::Required,
            Gpc::Nobody => Policy::Nobody,
        };
        Signals { policy, origins: self.sites.clone() }
    }

    /// The agents that are listened to, if any are.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the directory.
    pub fn agents(&self) -> Result<Option<Agents>, Failure> {
        let (Some(file), Some(business)) = (&self.directory, &self.business) else {
            return Ok(None);
        };
        let directory = Directory::open(file).map_err(Failure::new)?;
        Ok(Some(Agents { directory, business: business.clone() }))
    }
}

/// Reads an origin as browsers write it.
fn origin(text: &str) -> Result<String, &'static str> {
    let wrong = "an origin is a scheme and a host, such as https://www.example.com";
    let url = Url::parse(text).map_err(|_| wrong)?;
    let origin = url.origin().ascii_serialization();
    let whole = matches!(url.scheme(), "https" | "http") && text.trim_end_matches('/') == origin;
    if whole { Ok(origin) } else { Err(wrong) }
}
