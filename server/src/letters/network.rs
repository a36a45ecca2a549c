//! Where a request comes from, as far as limits go.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap, HeaderName};

/// A range of addresses that one household, office or provider has: 24 bits of IPv4, 48 bits of
/// IPv6 (RFC 6177 §2). Kept in memory only, for as long as limits need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Network {
    /// The first three bytes.
    V4([u8; 3]),
    /// The first six bytes.
    V6([u8; 6]),
    /// Nothing says where it comes from; all such share one allowance.
    Unknown,
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                Self::V4([a, b, c])
            }
            IpAddr::V6(address) => {
                let octets = address.octets();
                Self::V6(octets.first_chunk().copied().unwrap_or_default())
            }
        }
    }
}

impl Network {
    /// Whether it is of a network of one's own and not of the internet (RFC 1918, RFC 4193,
    /// loopback).
    #[must_use]
    pub const fn is_own(self) -> bool {
        match self {
            Self::V4([a, b, c]) => {
                let first = Ipv4Addr::new(a, b, c, 0);
                first.is_private() || first.is_loopback()
            }
            Self::V6([first, ..]) => matches!(first, 0 | 0xfc | 0xfd),
            Self::Unknown => false,
        }
    }

    /// Where a request comes from: the last address in the proxy's field, where one was named, for
    /// only that was put there by the proxy itself; otherwise the other end of the connection.
    #[must_use]
    pub fn of(field: Option<&HeaderName>, headers: &HeaderMap, extensions: &Extensions) -> Self {
        let address = match field {
            Some(field) => {
                let last = headers.get_all(field).iter().next_back();
                let text = last.and_then(|value| value.to_str().ok()).unwrap_or_default();
                read(text.rsplit(',').next().unwrap_or_default())
            }
            None => {
                extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip())
            }
        };
        address.map_or(Self::Unknown, Self::from)
    }
}

/// An address as proxies write it: bare, in brackets, or with a port.
fn read(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Network {
        let field = HeaderName::from_static("x-forwarded-for");
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(&field, value.parse().expect("a value"));
        }
        Network::of(Some(&field), &headers, &Extensions::new())
    }

    #[test]
    fn a_proxy_of_ones_own_is_no_range_of_the_internet() {
        let is_own = |text: &str| Network::from(text.parse::<IpAddr>().expect("one")).is_own();
        let own = ["127.0.0.1", "10.9.8.7", "172.31.0.1", "192.168.1.1", "::1", "fd00::1"];
        assert!(own.into_iter().all(is_own));
        assert!(!["172.32.0.1", "203.0.113.9", "2001:db8::1"].into_iter().any(is_own));
        assert!(!Network::Unknown.is_own());
    }

    #[test]
    fn neighbours_share_a_range_and_strangers_do_not() {
        let range = |text: &str| Network::from(text.parse::<IpAddr>().expect("an address"));
        assert_eq!(range("203.0.113.1"), range("203.0.113.254"));
        assert_ne!(range("203.0.113.1"), range("203.0.114.1"));
        assert_eq!(range("::ffff:203.0.113.1"), range("203.0.113.9"));
        assert_eq!(range("2001:db8:1::1"), range("2001:db8:1:ffff::2"));
        assert_ne!(range("2001:db8:1::1"), range("2001:db8:2::1"));
    }

    #[test]
    fn only_what_the_proxy_itself_wrote_counts() {
        let here = Network::V4([203, 0, 113]);
        assert_eq!(of(&["198.51.100.7, 203.0.113.9"]), here);
        assert_eq!(of(&["198.51.100.7", "203.0.113.9:4711"]), here);
        assert_eq!(of(&["[2001:db8:1::2]:443"]), of(&["2001:db8:1::3"]));
        assert_eq!(of(&["[2001:db8:1::2]"]), of(&["2001:db8:1::3"]));
        assert_eq!(of(&["203.0.113.9, nonsense"]), Network::Unknown);
        assert_eq!(of(&[]), Network::Unknown);
    }

    #[test]
    fn without_a_proxy_the_connection_counts() {
        let mut extensions = Extensions::new();
        assert_eq!(Network::of(None, &HeaderMap::new(), &extensions), Network::Unknown);
        extensions.insert(ConnectInfo(SocketAddr::from(([203, 0, 113, 9], 4711))));
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "198.51.100.7".parse().expect("a value"));
        assert_eq!(Network::of(None, &headers, &extensions), Network::V4([203, 0, 113]));
    }
}
