//! Where webhooks may go: never into a network that only this machine can reach (SSRF), unless
//! whoever runs it says so.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::time::Duration;

use domain::Catalogue;
use domain::catalogue::{Problem, Tell};
use futures::future::join_all;
use ipnet::IpNet;
use url::{Host, Url};

/// How long a name is looked up.
const PATIENCE: Duration = Duration::from_secs(3);

/// What to do about a refused webhook.
const NAME_IT: &str = "name the network with --allow-network if that is meant.";

/// Networks of one's own that webhooks may go to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

/// The text names no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a network such as 10.20.0.0/16 or fd00:1234::/32")]
pub struct NotANetwork;

impl FromIterator<IpNet> for Networks {
    fn from_iter<T: IntoIterator<Item = IpNet>>(networks: T) -> Self {
        Self(networks.into_iter().collect())
    }
}

impl FromStr for Networks {
    type Err = NotANetwork;

    /// Reads networks with commas between.
    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let read = |part: &str| {
            let alone = part.parse::<IpAddr>().map(IpNet::from);
            part.parse::<IpNet>().or(alone).map_err(|_| NotANetwork)
        };
        parts.map(read).collect()
    }
}

impl Networks {
    /// Whether an address is in a network of one's own that was named.
    #[must_use]
    pub fn names(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Whether a webhook may go to an address.
    #[must_use]
    pub fn admits(&self, address: IpAddr) -> bool {
        is_public(address) || self.names(address)
    }

    /// Whether a webhook may go where a URL leads, as far as its text tells.
    #[must_use]
    pub fn admits_url(&self, url: &Url) -> bool {
        let encrypted = url.scheme() == "https";
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(name)) => {
                let local = name == "localhost" || name.ends_with(".localhost");
                let here = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
                return if local { here.into_iter().any(|ip| self.names(ip)) } else { encrypted };
            }
            None => return false,
        };
        if encrypted { self.admits(address) } else { self.names(address) }
    }
}

/// The addresses of a name, as this machine finds them; none where it finds none in time.
pub async fn look_up(name: String) -> Vec<IpAddr> {
    let found = tokio::time::timeout(PATIENCE, tokio::net::lookup_host((name, 0))).await;
    found.map_or_else(
        |_| Vec::new(),
        |found| found.into_iter().flatten().map(|address| address.ip()).collect(),
    )
}

/// The webhooks of a register that lead into a network which was not named, also by a name. One
/// whose name `look_up` doesn't find is judged when it is called, as all are then once more.
pub async fn refused_webhooks(
    source: &str,
    catalogue: &Catalogue,
    networks: &Networks,
    look_up: impl AsyncFn(String) -> Vec<IpAddr>,
) -> Vec<Problem> {
    let webhooks = catalogue.systems.iter().filter_map(|system| match &system.tell {
        Tell::Webhook(address) => Some(address.as_str()),
        Tell::File(_) | Tell::Feed => None,
    });
    let judged = webhooks.map(async |address| {
        let reason = refusal(address, networks, &look_up).await?;
        let line = source.lines().position(|line| line.contains(address)).unwrap_or(0) + 1;
        Some(Problem { line, reason })
    });
    join_all(judged).await.into_iter().flatten().collect()
}

/// Why a webhook may not go where it leads.
async fn refusal(
    address: &str,
    networks: &Networks,
    look_up: &impl AsyncFn(String) -> Vec<IpAddr>,
) -> Option<String> {
    let Some(url) = Url::parse(address).ok().filter(|url| networks.admits_url(url)) else {
        return Some(format!("The webhook leads into a private network; {NAME_IT}"));
    };
    let Some(Host::Domain(name)) = url.host() else { return None };
    let only_named = url.scheme() != "https";
    let admits = |ip: IpAddr| if only_named { networks.names(ip) } else { networks.admits(ip) };
    let private = look_up(name.to_owned()).await.into_iter().find(|ip| !admits(*ip))?;
    Some(format!("{name} leads to {private}, which is in a private network; {NAME_IT}"))
}

/// Whether an address belongs to the public internet (IANA special-purpose address registries).
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127 | 224.., ..)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18..=19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    )
}

/// Global unicast without what is reserved in it; an address that hides an IPv4 one is judged by
/// that.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    let hidden = |high: u16, low: u16| {
        let bits = (u32::from(high) << 16) | u32::from(low);
        is_public_v4(Ipv4Addr::from_bits(bits))
    };
    match (parts[0], parts[1]) {
        (0x0064, 0xff9b) if parts[2..6] == [0; 4] => hidden(parts[6], parts[7]),
        (0x2002, _) => hidden(parts[1], parts[2]),
        (0x2001, 0..=0x01ff | 0x0db8) | (0x3fff, 0..=0x0fff) => false,
        (0x2000..=0x3fff, _) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_special_and_disguised_addresses_are_refused() {
        let networks = Networks::default();
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.0.9",
            "169.254.169.254",
            "172.31.255.1",
            "192.0.0.192",
            "192.168.1.1",
            "198.19.0.1",
            "203.0.113.7",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "ff02::1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001:0:4136:e378::1",
            "2001:db8::1",
        ] {
            assert!(!networks.admits(address.parse().unwrap()), "{address}");
        }
        for address in
            ["8.8.8.8", "100.63.0.1", "172.32.0.1", "2606:4700::1111", "64:ff9b::808:808"]
        {
            assert!(networks.admits(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn a_named_network_is_admitted_and_no_other() {
        let networks: Networks = "10.20.0.0/16, fd00:1234::/32,127.0.0.1".parse().unwrap();
        for (address, admitted) in [
            ("10.20.3.4", true),
            ("::ffff:10.20.3.4", true),
            ("10.21.0.1", false),
            ("fd00:1234::1", true),
            ("fd00:1235::1", false),
            ("127.0.0.1", true),
            ("127.0.0.2", false),
        ] {
            assert_eq!(networks.admits(address.parse().unwrap()), admitted, "{address}");
        }
        assert_eq!("10.0.0.0/33".parse::<Networks>(), Err(NotANetwork));
        assert_eq!("example.com".parse::<Networks>(), Err(NotANetwork));
        assert_eq!("".parse::<Networks>(), Ok(Networks::default()));
    }

    #[test]
    fn an_address_is_judged_by_what_it_means_and_not_by_how_it_is_written() {
        let own: Networks = "127.0.0.0/8".parse().unwrap();
        let none = Networks::default();
        for (url, plain, named) in [
            ("https://hooks.example/x", true, true),
            ("http://hooks.example/x", false, false),
            ("https://127.0.0.1/", false, true),
            ("http://127.0.0.1/", false, true),
            ("https://2130706433/", false, true),
            ("https://0x7f.1/", false, true),
            ("https://0177.0.0.1/", false, true),
            ("http://localhost:8080/", false, true),
            ("https://localhost/", false, true),
            ("https://[::ffff:7f00:1]/", false, true),
            ("https://[::1]/", false, false),
            ("https://169.254.169.254/latest/meta-data", false, false),
            ("https://8.8.8.8/", true, true),
            ("http://8.8.8.8/", false, false),
        ] {
            let url = Url::parse(url).unwrap();
            assert_eq!((none.admits_url(&url), own.admits_url(&url)), (plain, named), "{url}");
        }
    }

    /// The problems of a register with one webhook whose name leads to these addresses.
    async fn problems(url: &str, found: &[&str], networks: &str) -> Vec<Problem> {
        let example = include_str!("../../../example/catalogue.toml");
        let line = example.lines().find(|line| line.contains("https://hooks.")).unwrap();
        let address = line.split('"').nth(1).unwrap();
        let source = example.replace(address, url);
        let catalogue = domain::catalogue::parse(&source).unwrap();
        let found: Vec<IpAddr> = found.iter().map(|ip| ip.parse().unwrap()).collect();
        let host = Url::parse(url).unwrap().host_str().unwrap().to_owned();
        let look_up = async |name: String| if name == host { found.clone() } else { Vec::new() };
        refused_webhooks(&source, &catalogue, &networks.parse().unwrap(), look_up).await
    }

    #[tokio::test]
    async fn a_name_is_refused_at_registration_where_any_address_is_private() {
        let url = "https://hooks.partner.example/x";
        for found in [
            &["127.0.0.1"][..],
            &["8.8.8.8", "10.0.0.1"],
            &["169.254.169.254"],
            &["::1"],
            &["fd00::1"],
        ] {
            let problems = problems(url, found, "192.168.0.0/16").await;
            assert_eq!(problems.len(), 1, "{found:?}");
            assert!(problems[0].line > 1 && problems[0].reason.contains("hooks.partner.example"));
        }
        assert!(problems(url, &["8.8.8.8", "2606:4700::1111"], "").await.is_empty());
        assert!(problems(url, &["10.0.0.1"], "10.0.0.0/8").await.is_empty(), "named");
        assert!(problems(url, &[], "").await.is_empty(), "nobody knows it yet");
        let home = look_up("localhost".to_owned()).await;
        assert!(!home.is_empty() && home.iter().all(IpAddr::is_loopback), "{home:?}");
    }
}
