//! The way out in the message itself: a link that everybody sees, in each form of the body.

use html5gum::{HtmlString, StartTag, Token, Tokenizer};
use mail_parser::{Message, PartType};

use super::Problem;
use super::links::merge_tag;

/// Pixels below which a link counts as hidden.
const SMALLEST: f32 = 9.0;
/// Elements that have no end.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];
/// Elements whose text nobody reads.
const UNREAD: &[&str] = &["head", "script", "style", "title", "template", "noscript"];

/// Checks that each form of the body has a visible link to the portal; tells which those are.
pub(super) fn check(
    message: &Message<'_>,
    base_url: &str,
    problems: &mut Vec<Problem>,
) -> Vec<String> {
    let mut found = Vec::new();
    let mut forms = 0;
    let (texts, htmls) = (message.text_bodies(), message.html_bodies());
    for part in texts.chain(htmls) {
        let (name, links, hidden) = match &part.body {
            PartType::Text(text) => ("plain text", links_in_text(text, base_url), false),
            PartType::Html(html) => {
                let page = Page::read(html);
                let of_portal = |link: &&String| is_way_out(link, base_url);
                let seen = page.seen.iter().filter(of_portal).cloned().collect();
                ("HTML", seen, page.hidden.iter().any(|link| is_way_out(link, base_url)))
            }
            _ => continue,
        };
        forms += 1;
        if links.is_empty() {
            let reason = if hidden {
                format!("the {name} has a link to the portal that nobody can see")
            } else {
                format!("the {name} has no link to {base_url} by which a reader gets out")
            };
            let problem = Problem::new("link", reason);
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        found.extend(links);
    }
    if forms == 0 {
        problems.push(Problem::new("link", "the message has no text"));
    }
    found.sort();
    found.dedup();
    found
}

/// Whether a link leads to choices on the portal.
fn is_way_out(link: &str, base_url: &str) -> bool {
    let path = link.strip_prefix(base_url);
    path.is_some_and(|path| {
        path.starts_with("/c/") || path.starts_with("/u/") || path.starts_with("/choices")
    })
}

fn links_in_text(text: &str, base_url: &str) -> Vec<String> {
    let ends = |c: char| c.is_whitespace() || "<>\"'()，。、；！？）".contains(c);
    // Brackets end a link, but for those of a merge tag that stands in it.
    let words = text.split(ends).flat_map(|word| {
        let unmerged = word.find(base_url).map(|at| &word[at..]);
        match unmerged.filter(|link| merge_tag(link).is_some()) {
            Some(link) => vec![link],
            None => word.split(['[', ']', '{', '}']).collect(),
        }
    });
    let words = words.map(|word| word.trim_end_matches(['.', ',', ';', '!', '?', ':']));
    words.filter(|word| is_way_out(word, base_url)).map(ToOwned::to_owned).collect()
}

/// The text of a page that a reader sees.
pub(super) fn visible_text(html: &str) -> String {
    Page::read(html).text
}

/// What a page shows.
#[derive(Default)]
struct Page {
    /// Targets of links with words or a picture that can be seen.
    seen: Vec<String>,
    /// Targets of links that can't.
    hidden: Vec<String>,
    text: String,
}

struct Element {
    name: HtmlString,
    hides: bool,
    link: Option<(String, bool)>,
}

impl Page {
    fn read(html: &str) -> Self {
        let mut page = Self::default();
        let mut open: Vec<Element> = Vec::new();
        for Ok(token) in Tokenizer::new(html) {
            match token {
                Token::StartTag(tag) => page.opens(&mut open, &tag),
                Token::EndTag(tag) => page.closes(&mut open, &tag.name),
                Token::String(text) => page.says(&mut open, &String::from_utf8_lossy(&text.value)),
                _ => {}
            }
        }
        while let Some(element) = open.pop() {
            page.ends(element);
        }
        page
    }

    fn opens(&mut self, open: &mut Vec<Element>, tag: &StartTag<()>) {
        let name = tag.name.clone();
        let is = |list: &[&str]| list.iter().any(|known| known.as_bytes() == name.as_slice());
        if is(VOID) {
            let alt = attribute(tag, "alt").unwrap_or_default();
            if name.as_slice() == b"img" && !alt.trim().is_empty() {
                self.says(open, &alt);
            }
            return;
        }
        // Nesting beyond this is no letter any more; it is read as if it were flat.
        if open.len() > 2_000 {
            return;
        }
        let above = open.last().is_some_and(|above| above.hides);
        let hides = above || is(UNREAD) || hides(tag);
        let target = (name.as_slice() == b"a").then(|| attribute(tag, "href")).flatten();
        open.push(Element { name, hides, link: target.map(|target| (target, false)) });
    }

    fn closes(&mut self, open: &mut Vec<Element>, name: &HtmlString) {
        let Some(at) = open.iter().rposition(|element| element.name == *name) else { return };
        for element in open.split_off(at) {
            self.ends(element);
        }
    }

    fn says(&mut self, open: &mut [Element], text: &str) {
        if text.trim().is_empty() || open.last().is_some_and(|element| element.hides) {
            self.text.push(' ');
            return;
        }
        self.text.push_str(text);
        for element in open.iter_mut() {
            if let Some((_, seen)) = &mut element.link {
                *seen = true;
            }
        }
    }

    fn ends(&mut self, element: Element) {
        match element.link {
            Some((target, true)) => self.seen.push(target),
            Some((target, false)) => self.hidden.push(target),
            None => {}
        }
    }
}

fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    let found = tag.attributes.iter().find(|(known, _)| known.as_slice() == name.as_bytes());
    found.map(|(_, value)| String::from_utf8_lossy(&value.value).trim().to_owned())
}

/// Whether an element's own style takes it out of sight.
fn hides(tag: &StartTag<()>) -> bool {
    if attribute(tag, "hidden").is_some() {
        return true;
    }
    let style = attribute(tag, "style").unwrap_or_default().to_ascii_lowercase();
    style.split(';').filter_map(|rule| rule.split_once(':')).any(|(name, value)| {
        let value = value.trim().trim_end_matches("!important").trim();
        match name.trim() {
            "display" => value == "none",
            "visibility" => value == "hidden",
            "opacity" | "max-height" | "height" | "width" => {
                value.trim_end_matches(|c: char| c.is_alphabetic() || c == '%') == "0"
            }
            "font-size" => pixels(value).is_some_and(|size| size < SMALLEST),
            _ => false,
        }
    })
}

fn pixels(value: &str) -> Option<f32> {
    let (number, unit) = value.split_at(value.find(|c: char| c.is_alphabetic())?);
    let number: f32 = number.trim().parse().ok()?;
    match unit {
        "px" => Some(number),
        "pt" => Some(number * 4.0 / 3.0),
        "em" | "rem" => Some(number * 16.0),
        _ => None,
    }
}
