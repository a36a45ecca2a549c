//! Reading a page as a browser without JavaScript does: elements, forms, what they would send.

use std::collections::BTreeMap;

/// An element, with the text of everything in it.
#[derive(Clone, Debug)]
pub struct Element {
    pub tag: String,
    pub text: String,
    attributes: Vec<(String, String)>,
    parents: Vec<usize>,
}

impl Element {
    /// An attribute's value, if the attribute is there.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn is(&self, name: &str, value: &str) -> bool {
        self.get(name) == Some(value)
    }
}

/// A form as it would be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// Types into a field, or chooses among radio buttons.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let field = self.fields.iter_mut().find(|(known, _)| known == name);
        let (_, old) = field.unwrap_or_else(|| panic!("the form has no field {name}"));
        value.clone_into(old);
        self
    }

    pub fn names(&self) -> Vec<&str> {
        self.fields.iter().map(|(name, _)| name.as_str()).collect()
    }
}

/// A page.
#[derive(Clone, Debug)]
pub struct Page {
    pub status: u16,
    pub path: String,
    pub source: String,
    pub elements: Vec<Element>,
}

/// Elements that have no end tag.
const VOID: [&str; 5] = ["meta", "link", "input", "br", "img"];

impl Page {
    pub fn read(status: u16, path: &str, source: &str) -> Self {
        assert!(source.starts_with("<!doctype html>"), "not a document: {source:.60}");
        let mut elements: Vec<Element> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        let mut rest = source;
        while let Some((text, after)) = rest.split_once('<') {
            for place in &open {
                elements[*place].text.push_str(&plain(text));
            }
            let (inside, after) = split_tag(after);
            rest = after;
            if inside.starts_with('!') {
                continue;
            }
            if let Some(tag) = inside.strip_prefix('/') {
                let closed = open.pop().expect("an end tag has a start tag");
                assert_eq!(elements[closed].tag, tag, "tags are nested");
                continue;
            }
            let element = start(inside, &open);
            let whole = VOID.contains(&element.tag.as_str()) || inside.ends_with('/');
            if element.tag == "style" {
                rest = rest.split_once("</style>").expect("the stylesheet ends").1;
            } else if !whole {
                open.push(elements.len());
            }
            elements.push(element);
        }
        assert!(open.is_empty(), "every element ends");
        for element in &mut elements {
            element.text = single_spaced(&element.text);
        }
        Self { status, path: path.to_owned(), source: source.to_owned(), elements }
    }

    /// Every element of a kind.
    pub fn all<'a>(&'a self, tag: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements.iter().filter(move |element| element.tag == tag)
    }

    /// The page's one script is the file that brings the islands, if the site was built in.
    #[track_caller]
    pub fn runs_no_script_but_ours(&self) {
        for script in self.all("script") {
            assert_eq!(script.get("type"), Some("module"));
            assert!(script.get("src").is_some_and(|src| src.starts_with("/assets/boot.")));
        }
    }

    /// The only element with an attribute of that value.
    pub fn one(&self, attribute: &str, value: &str) -> &Element {
        let mut found = self.elements.iter().filter(|element| element.is(attribute, value));
        let first = found.next().unwrap_or_else(|| panic!("no {attribute}={value}"));
        assert!(found.next().is_none(), "more than one {attribute}={value}");
        first
    }

    /// The elements within the one of that id.
    pub fn within(&self, id: &str) -> Vec<&Element> {
        let place = self.elements.iter().position(|element| element.is("id", id));
        let place = place.unwrap_or_else(|| panic!("no #{id}"));
        self.elements.iter().filter(|element| element.parents.contains(&place)).collect()
    }

    /// All that a reader sees.
    pub fn text(&self) -> &str {
        &self.all("body").next().expect("a page has a body").text
    }

    #[track_caller]
    pub fn sees(&self, text: &str) {
        let text = single_spaced(text);
        assert!(self.text().contains(&text), "the page does not say “{text}” but: {}", self.text());
    }

    #[track_caller]
    pub fn sees_nothing_of(&self, text: &str) {
        assert!(!self.source.contains(text), "the page holds “{text}”");
    }

    /// Every switch by its target, and whether it is on.
    pub fn switches(&self) -> BTreeMap<String, bool> {
        let switches = self.elements.iter().filter(|element| element.is("role", "switch"));
        let read = |switch: &Element| {
            let target = switch.get("value").expect("a switch names its target");
            let on = match switch.get("aria-checked") {
                Some("true") => true,
                Some("false") => false,
                other => panic!("a switch is on or off, not {other:?}"),
            };
            (target.to_owned(), on)
        };
        switches.map(read).collect()
    }

    /// Whether a switch is on.
    #[track_caller]
    pub fn is_on(&self, target: &str) -> bool {
        *self.switches().get(target).unwrap_or_else(|| panic!("no switch for {target}"))
    }

    /// The number behind the undo button, where there is one.
    pub fn undo(&self) -> Option<&str> {
        self.all("button").find(|button| button.is("name", "undo"))?.get("value")
    }

    /// The form that posts to an action.
    #[track_caller]
    pub fn form(&self, action: &str) -> Form {
        let there = |form: &&Element| {
            form.get("action").is_some_and(|to| to.split('?').next() == Some(action))
        };
        let form = self.all("form").find(there);
        let form = form.unwrap_or_else(|| panic!("no form posts to {action}: {}", self.text()));
        self.filled(form)
    }

    /// What pressing a button would send.
    #[track_caller]
    pub fn press(&self, name: &str, value: &str) -> Form {
        let button = self.button(name, value);
        let button =
            button.unwrap_or_else(|| panic!("no button {name}={value} in: {}", self.text()));
        let form = if let Some(id) = button.get("form") {
            self.one("id", id)
        } else {
            let mut parents = button.parents.iter().rev().map(|place| &self.elements[*place]);
            parents.find(|parent| parent.tag == "form").expect("the button is in a form")
        };
        let mut sent = self.filled(form);
        sent.fields.push((name.to_owned(), value.to_owned()));
        sent
    }

    fn button(&self, name: &str, value: &str) -> Option<&Element> {
        self.all("button").find(|button| button.is("name", name) && button.is("value", value))
    }

    fn filled(&self, form: &Element) -> Form {
        assert!(form.is("method", "post"), "a form that changes something posts");
        let place = self.elements.iter().position(|element| std::ptr::eq(element, form));
        let inside = |element: &&Element| place.is_some_and(|at| element.parents.contains(&at));
        let sent = |input: &&Element| !input.is("type", "radio") || input.get("checked").is_some();
        let field = |input: &Element| {
            let name = input.get("name").expect("a field has a name").to_owned();
            (name, input.get("value").unwrap_or_default().to_owned())
        };
        Form {
            action: form.get("action").expect("a form has an action").to_owned(),
            fields: self.all("input").filter(inside).filter(sent).map(field).collect(),
        }
    }
}

fn single_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Splits behind the end of a tag or comment, passing over quoted values.
fn split_tag(text: &str) -> (&str, &str) {
    let mut quoted = false;
    for (place, letter) in text.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            '>' if !quoted => return (&text[..place], &text[place + 1..]),
            _ => {}
        }
    }
    panic!("a tag does not end: {text:.60}")
}

fn start(inside: &str, open: &[usize]) -> Element {
    let inside = inside.trim_end_matches('/');
    let (tag, mut rest) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
    let mut attributes = Vec::new();
    while !rest.trim().is_empty() {
        rest = rest.trim_start();
        let end = rest.find(['=', ' ', '\n']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let value = after.strip_prefix("=\"").map(|after| after.split_once('"').expect("closed"));
        let (value, after) = value.unwrap_or(("", after));
        attributes.push((name.to_owned(), plain(value)));
        rest = after;
    }
    Element { tag: tag.to_owned(), text: String::new(), attributes, parents: open.to_vec() }
}

/// Text as it is meant.
fn plain(text: &str) -> String {
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'")];
    let text = pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    text.replace("&amp;", "&")
}
