//! The two header fields (RFC 2369 §3.2, RFC 8058 §3.1).

use domain::{Channel, Key};
use mail_parser::Message;

use super::{Checking, Problem};
use crate::unsubscribe::{FIELD, ONE_CLICK, POST_FIELD};

/// What the portal's address in the field says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unsubscribe {
    pub token: String,
    pub topic: Key,
    pub channel: Channel,
}

/// Checks both fields; the link that they hold, if it is one of the portal.
pub(super) fn check(
    message: &Message<'_>,
    with: &Checking<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Unsubscribe> {
    let post = only(message, POST_FIELD, problems);
    if post.is_some_and(|value| value != ONE_CLICK) {
        let reason = format!("{POST_FIELD} must say exactly {ONE_CLICK}");
        problems.push(Problem::new("header", reason));
    }
    let field = only(message, FIELD, problems)?;
    let addresses = addresses(&field);
    let Some(addresses) = addresses else {
        let reason = format!("{FIELD} must hold addresses in <…> with commas between");
        problems.push(Problem::new("header", reason));
        return None;
    };
    let starts = |address: &str, scheme: &str| {
        address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    let https: Vec<_> = addresses.iter().filter(|one| starts(one, "https:")).collect();
    let other = addresses.iter().any(|one| !starts(one, "https:") && !starts(one, "mailto:"));
    if other {
        let reason = format!("{FIELD} holds an address that is neither https nor mailto");
        problems.push(Problem::new("header", reason));
    }
    let [address] = https[..] else {
        let count = https.len();
        let reason = format!("{FIELD} must hold exactly one https address, and holds {count}");
        problems.push(Problem::new("header", reason));
        return None;
    };
    let link = read(address, with.base_url);
    if link.is_none() {
        let base = with.base_url;
        let reason = format!("the https address of {FIELD} is not {base}/u/TOKEN/TOPIC/email");
        problems.push(Problem::new("header", reason));
    }
    link
}

/// The value of a field that must be there once, unfolded.
fn only(message: &Message<'_>, name: &str, problems: &mut Vec<Problem>) -> Option<String> {
    let values = message.headers_raw().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    let values: Vec<&str> = values.map(|(_, value)| value).collect();
    match values[..] {
        [value] => {
            let unfolded: String = value.chars().filter(|c| *c != '\r' && *c != '\n').collect();
            Some(unfolded.trim().to_owned())
        }
        [] => {
            problems.push(Problem::new("header", format!("{name} is missing")));
            None
        }
        _ => {
            let reason = format!("{name} stands there {} times; once is right", values.len());
            problems.push(Problem::new("header", reason));
            None
        }
    }
}

/// The addresses of a field; nothing where something else stands between them.
fn addresses(field: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = field.trim();
    loop {
        let (address, after) = rest.strip_prefix('<')?.split_once('>')?;
        // Readers are told to drop spaces that folding put into an address (RFC 2369 §2).
        found.push(address.chars().filter(|c| !c.is_whitespace()).collect());
        rest = after.trim_start();
        if rest.is_empty() {
            return Some(found);
        }
        rest = rest.strip_prefix(',')?.trim_start();
    }
}

fn read(address: &str, base_url: &str) -> Option<Unsubscribe> {
    let path = address.strip_prefix(base_url)?.strip_prefix("/u/")?;
    let mut parts = path.split('/');
    let (token, topic, channel) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || token.is_empty() || address.contains(',') {
        return None;
    }
    let (topic, channel) = (topic.parse().ok()?, channel.parse().ok()?);
    Some(Unsubscribe { token: token.to_owned(), topic, channel })
}
