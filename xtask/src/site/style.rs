//! The stylesheet: `style/*.css` in the order of their names, squeezed.

use super::folder::files_below;
use crate::outcome::{OrStop, Outcome, Stop};
use std::{ffi::OsStr, fs, mem, path::Path};

/// The whole stylesheet, as it is written into each page.
pub fn stylesheet(folder: &Path) -> Outcome<String> {
    let mut source = String::new();
    for path in files_below(folder)? {
        if path.extension() == Some(OsStr::new("css")) {
            source.push_str(&fs::read_to_string(&path).or_stop_at("read", &path)?);
            source.push('\n');
        }
    }
    if source.is_empty() {
        return Err(Stop::new(format!("There is no stylesheet in {}.", folder.display())));
    }
    Ok(squeeze(&source))
}

/// Removes comments and the white space that no browser needs, and nothing else: strings,
/// addresses and escapes stay letter by letter.
pub fn squeeze(css: &str) -> String {
    let mut squeezer = Squeezer::default();
    let mut rest = css;
    while let Some(first) = rest.chars().next() {
        rest = if first.is_ascii_whitespace() {
            squeezer.gap = Gap::Space;
            &rest[1..]
        } else if let Some(comment) = rest.strip_prefix("/*") {
            squeezer.comment();
            comment.find("*/").map_or("", |end| &comment[end + 2..])
        } else if let Some(length) = verbatim(rest) {
            squeezer.copy(&rest[..length]);
            &rest[length..]
        } else {
            squeezer.mark(first);
            &rest[first.len_utf8()..]
        };
    }
    squeezer.out
}

/// What has been left out since the last thing that was copied.
#[derive(Default, PartialEq, Eq)]
enum Gap {
    #[default]
    None,
    Comment,
    Space,
}

#[derive(Default)]
struct Squeezer {
    out: String,
    gap: Gap,
    /// Whether the last thing copied is a mark that needs no space behind it.
    tight: bool,
}

impl Squeezer {
    fn comment(&mut self) {
        if self.gap == Gap::None {
            self.gap = Gap::Comment;
        }
    }

    fn copy(&mut self, text: &str) {
        self.close_gap(false);
        self.out.push_str(text);
        self.tight = false;
    }

    fn mark(&mut self, mark: char) {
        self.close_gap(matches!(mark, '{' | '}' | ';' | ',' | ')'));
        if mark == '}' && self.tight && self.out.ends_with(';') {
            self.out.pop();
        }
        self.out.push(mark);
        // A space before a colon may be a descendant combinator; behind one it never matters.
        self.tight = matches!(mark, '{' | '}' | ';' | ',' | '(' | ':');
    }

    fn close_gap(&mut self, before_tight: bool) {
        let gap = mem::take(&mut self.gap);
        if before_tight || self.tight || self.out.is_empty() {
            return;
        }
        match gap {
            Gap::None => {}
            // `a/**/b` is two words without a space: an empty comment keeps it so.
            Gap::Comment => self.out.push_str("/**/"),
            Gap::Space => self.out.push(' '),
        }
    }
}

/// How many bytes at the start must stay as they are: a string, an address or an escape.
fn verbatim(text: &str) -> Option<usize> {
    match text.as_bytes() {
        [b'\\', ..] => Some(escape(text)),
        [quote @ (b'"' | b'\''), ..] => Some(until(text, 1, *quote)),
        _ => {
            let start = text.get(..4)?;
            let quoted = text[4..].trim_start().starts_with(['"', '\'']);
            (start.eq_ignore_ascii_case("url(") && !quoted).then(|| until(text, 4, b')'))
        }
    }
}

/// The length up to and with the first `end` that is not escaped.
fn until(text: &str, from: usize, end: u8) -> usize {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() && bytes[at] != end {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    text.ceil_char_boundary(at + 1)
}

/// The length of an escape: six hexadecimal digits at most with the space that ends them, or one
/// character.
fn escape(text: &str) -> usize {
    let digits = text[1..].bytes().take(6).take_while(u8::is_ascii_hexdigit).count();
    let next = text[1 + digits..].chars().next();
    match (digits, next) {
        (0, next) => 1 + next.map_or(0, char::len_utf8),
        (_, Some(space)) if space.is_ascii_whitespace() => digits + 2,
        _ => digits + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::squeeze;

    #[test]
    fn white_space_and_comments_go() {
        let css = "/* tokens */\n:root {\n  --gap: 1rem;\n  color: red; /* for now */\n}\n\na,\nb { margin: 0 auto; }\n";
        assert_eq!(squeeze(css), ":root{--gap:1rem;color:red}a,b{margin:0 auto}");
    }

    #[test]
    fn spaces_that_mean_something_stay() {
        for css in [
            "a :hover{x:y}",
            "@media (width>=40em) and (hover){a{x:y}}",
            "a{width:calc(1px + (2px - 3px))}",
            "a~b + c > d{x:y}",
            "a{margin:-1px auto !important}",
            ".a\\: b{x:y}",
            ".\\31  b{x:y}",
        ] {
            assert_eq!(squeeze(css), css);
        }
    }

    #[test]
    fn strings_and_addresses_stay_letter_by_letter() {
        for css in [
            r#"a{content:"/* no  comment */ ; } \" x"}"#,
            "a{background:url(data:image/svg+xml;a,  b/*c*/)}",
            "a{content:'é \\' }  '}",
        ] {
            assert_eq!(squeeze(css), css);
        }
        assert_eq!(squeeze("a { background : url( \"x  y\" ) }"), "a{background :url(\"x  y\")}");
    }

    #[test]
    fn a_comment_between_two_words_still_parts_them() {
        assert_eq!(squeeze("a{margin:1px/* and */2px}"), "a{margin:1px/**/2px}");
        assert_eq!(squeeze("a{margin:1px /* and */ 2px;/* x */}"), "a{margin:1px 2px}");
        assert_eq!(squeeze("a{x:y}/* never closed"), "a{x:y}");
    }

    #[test]
    fn squeezing_twice_changes_nothing_more() {
        let css = "@layer base , page ;\n@layer base { :root { --x : 1 ; } }\nb::after { content : \"\\201C\" ; }";
        let once = squeeze(css);
        assert_eq!(
            once,
            "@layer base,page;@layer base{:root{--x :1}}b::after{content :\"\\201C\"}"
        );
        assert_eq!(squeeze(&once), once);
    }
}
