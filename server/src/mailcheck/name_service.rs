//! Where the keys of signatures come from: those that were given, then the name service.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use mail_auth::hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts,
};
use mail_auth::{
    AuthenticatedMessage, MX, MessageAuthenticator, Parameters, RecordSet, ResolverCache, Txt,
};

/// How long a server that was named may take for one answer; it is asked several times.
const PATIENCE: Duration = Duration::from_secs(1);

/// Who is asked for keys that were not given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NameService {
    /// Nobody.
    #[default]
    Nobody,
    /// The servers that the machine asks.
    Machine,
    /// This server alone.
    At(SocketAddr),
}

/// Keys by their full names.
pub(super) struct Known(pub HashMap<Box<str>, Txt>);

/// Keeps nothing of what else the name service says.
pub(super) struct Nothing<K, V>(std::marker::PhantomData<(K, V)>);

impl<K: Hash + Eq, V> ResolverCache<K, V> for Nothing<K, V> {
    fn get<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        None
    }

    fn remove<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        None
    }

    fn insert(&self, _: K, _: V, _: Instant) {}
}

impl ResolverCache<Box<str>, Txt> for Known {
    fn get<Q: Hash + Eq + ?Sized>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
    {
        self.0.get(name).cloned()
    }

    fn remove<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: Instant) {}
}

/// One that asks those who are to be asked; none where the machine says nobody.
pub(super) fn authenticator(dns: NameService) -> Option<MessageAuthenticator> {
    let servers = match dns {
        NameService::Machine => return MessageAuthenticator::new_system_conf().ok(),
        NameService::Nobody => Vec::new(),
        NameService::At(address) => vec![server(address)],
    };
    let config = ResolverConfig::from_parts(None, Vec::new(), servers);
    let mut options = ResolverOpts::default();
    options.timeout = PATIENCE;
    MessageAuthenticator::new(config, options).ok()
}

fn server(address: SocketAddr) -> NameServerConfig {
    let at = |mut way: ConnectionConfig| {
        way.port = address.port();
        way
    };
    let ways = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(at);
    NameServerConfig::new(address.ip(), true, ways.into())
}

type Names<T> = Nothing<Box<str>, RecordSet<T>>;
pub(super) type Asked<'x> = Parameters<
    'x,
    &'x AuthenticatedMessage<'x>,
    Known,
    Names<MX>,
    Names<Ipv4Addr>,
    Names<Ipv6Addr>,
    Nothing<IpAddr, RecordSet<Box<str>>>,
>;

/// A message with the keys that are known.
pub(super) fn parameters<'x>(message: &'x AuthenticatedMessage<'x>, known: &'x Known) -> Asked<'x> {
    Parameters {
        params: message,
        cache_txt: Some(known),
        cache_mx: None,
        cache_ptr: None,
        cache_ipv4: None,
        cache_ipv6: None,
    }
}
