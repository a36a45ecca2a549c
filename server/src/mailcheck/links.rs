//! The links in the body: filled in, of the person whom the message goes to, and alive.

use mail_parser::Message;

use super::visit::Answer;
use super::{Checking, Findings, Problem, check_person};

/// How mailers mark what they fill in, as it is and as editors of HTML write it into a link.
const TAGS: [&str; 8] = ["*|", "*%7c", "{{", "%7b%7b", "%%", "%25%25", "[[", "%5b%5b"];

/// The beginning of a merge tag that is still in a link.
pub(super) fn merge_tag(link: &str) -> Option<&'static str> {
    let link = link.to_ascii_lowercase();
    TAGS.into_iter().find(|tag| link.contains(tag))
}

/// The token in a link to the portal; none where it has none, such as one to its first page.
fn token<'a>(link: &'a str, base_url: &str) -> Option<&'a str> {
    let path = link.strip_prefix(base_url)?;
    let rest = path.strip_prefix("/c/").or_else(|| path.strip_prefix("/u/"))?;
    rest.split(['/', '?', '#']).next()
}

/// Checks every link to the portal.
pub(super) async fn check(
    message: &Message<'_>,
    links: Vec<String>,
    with: &Checking<'_>,
    findings: &mut Findings,
) {
    if with.visit.is_none() {
        findings.notes.push("links were not visited".into());
    }
    for link in links {
        if let Some(tag) = merge_tag(&link) {
            let reason = format!(
                "a link to the portal still has a merge tag ({tag}); send the message to a \
                 customer, with the field that holds the token, and check what arrives"
            );
            findings.problems.push(Problem::new("link", reason));
            continue;
        }
        if let Some(token) = token(&link, with.base_url) {
            check_person(message, token, "a body link", with, findings).await;
        }
        if let Some(visit) = with.visit
            && let Some(reason) = objection(visit.ask(&link).await)
        {
            findings.problems.push(Problem::new("link", reason));
        }
    }
}

fn objection(answer: Option<Answer>) -> Option<String> {
    match answer {
        Some(Answer::Status(200..=399)) => None,
        Some(Answer::Status(status)) => Some(format!("a link to the portal answers {status}")),
        Some(Answer::UnknownLink) => {
            Some("a link to the portal leads to its page for unknown links".into())
        }
        None => Some("a link to the portal does not answer".into()),
    }
}
