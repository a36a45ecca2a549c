//! Reports that mail was not delivered (RFC 3464).

use domain::contact::Email;
use domain::outbox::takes_no_mail;
use mail_parser::{ContentType, Message, MessageParser, MessagePart, MimeHeaders, PartType};
use uuid::Uuid;

/// Recipients of one report that are looked at.
const MOST: usize = 50;
/// Bytes of a report that are looked at.
const REPORT: usize = 64 * 1024;

/// Somebody whom mail did not reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// The address it was sent to.
    pub address: Email,
    /// Whether it will never arrive there.
    pub for_good: bool,
}

/// What a report says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Those whom it names.
    pub failed: Vec<Failed>,
    /// What may be the id of one of our letters: the beginning of the Message-ID of the message
    /// that it encloses.
    pub letter: Option<Uuid>,
}

/// What a message reports; none where it is no such report.
pub(super) fn report(message: &Message<'_>) -> Option<Report> {
    let root = message.root_part().content_type()?;
    let reports = is_type(root, "multipart", "report")
        && root
            .attribute("report-type")
            .is_some_and(|kind| kind.eq_ignore_ascii_case("delivery-status"));
    if !reports {
        return None;
    }
    let status = message.parts.iter().find(|part| {
        part.content_type().is_some_and(|kind| {
            is_type(kind, "message", "delivery-status")
                || is_type(kind, "message", "global-delivery-status")
        })
    });
    let report = match status.map(|part| &part.body) {
        Some(PartType::Text(text)) => text.as_bytes(),
        Some(PartType::Binary(bytes) | PartType::InlineBinary(bytes)) => bytes.as_ref(),
        _ => &[],
    };
    let report = String::from_utf8_lossy(&report[..report.len().min(REPORT)]).replace('\r', "");
    // The first group is about the message, each other one about a recipient (RFC 3464 §2.1).
    let failed = report.split("\n\n").filter_map(failed).take(MOST).collect();
    Some(Report { failed, letter: message.parts.iter().find_map(letter) })
}

/// The id in an enclosed message, or in the fields of one (RFC 6522 §3).
fn letter(part: &MessagePart<'_>) -> Option<Uuid> {
    let is_head = part.content_type().is_some_and(|kind| {
        is_type(kind, "text", "rfc822-headers") || is_type(kind, "message", "global-headers")
    });
    match &part.body {
        PartType::Message(enclosed) => id_of(enclosed),
        PartType::Text(head) if is_head => id_in(head.as_bytes()),
        PartType::Binary(head) | PartType::InlineBinary(head) if is_head => id_in(head),
        _ => None,
    }
}

fn id_in(head: &[u8]) -> Option<Uuid> {
    let ended = [&head[..head.len().min(REPORT)], b"\n\n"].concat();
    id_of(&MessageParser::default().parse_headers(&ended)?)
}

fn id_of(message: &Message<'_>) -> Option<Uuid> {
    message.message_id()?.split_once('@')?.0.parse().ok()
}

fn is_type(kind: &ContentType<'_>, main: &str, sub: &str) -> bool {
    kind.ctype().eq_ignore_ascii_case(main)
        && kind.subtype().is_some_and(|known| known.eq_ignore_ascii_case(sub))
}

fn failed(group: &str) -> Option<Failed> {
    let group = format!("{}\n\n", group.trim_start_matches('\n'));
    let fields = MessageParser::new().parse_headers(group.as_bytes())?;
    let field = |name: &'static str| fields.header_raw(name).map(str::trim);
    let address = field("original-recipient").or_else(|| field("final-recipient"))?;
    let (kind, address) = address.split_once(';')?;
    if !["rfc822", "utf-8"].iter().any(|known| kind.trim().eq_ignore_ascii_case(known)) {
        return None;
    }
    let address = address.trim().trim_matches(['<', '>']).parse().ok()?;
    let ended = field("action").is_some_and(|action| action.eq_ignore_ascii_case("failed"));
    Some(Failed { address, for_good: ended && field("status").is_some_and(is_for_good) })
}

/// Whether a status says that the address takes no mail. Some servers know no code but 5.0.0.
fn is_for_good(status: &str) -> bool {
    let code = status.split_whitespace().next().unwrap_or_default();
    code == "5.0.0" || takes_no_mail(code)
}

#[cfg(test)]
mod tests {
    use super::is_for_good;

    #[test]
    fn only_a_status_about_the_address_is_for_good() {
        for status in ["5.1.1", "5.1.10", "5.2.1", "5.0.0", "5.1.1 (nobody)"] {
            assert!(is_for_good(status), "{status}");
        }
        // A full mailbox, no route, policy, and two about the sender's address.
        for status in ["5.2.2", "5.4.1", "5.7.1", "5.1.7", "5.1.8", "4.1.1", ""] {
            assert!(!is_for_good(status), "{status}");
        }
    }
}
