//! A letter's parts, as HTML and as plain text: both say the same.
//!
//! Mail programs know little CSS: the layout is a table, the light colours stand at each element,
//! and programs that know dark mode find the dark ones in the style sheet. Nothing is loaded.

use std::fmt::Write;

use domain::Language;
use html_escape::{encode_double_quoted_attribute, encode_text};

/// A part of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Words(String),
    /// A sentence with a code in it.
    Code {
        /// The sentence around `{code}`.
        words: String,
        /// The code.
        code: String,
    },
    /// What changed: a sentence, and what belongs to it.
    Changes(Vec<(String, Vec<String>)>),
    /// A link that stands out.
    Link {
        /// Its text.
        label: String,
        /// Its address.
        url: String,
    },
    /// A link that does not stand out.
    Way {
        /// Its text.
        label: String,
        /// Its address.
        url: String,
    },
    /// Small print.
    Small(String),
}

/// A whole letter.
pub(super) struct Sheet<'a> {
    pub language: Language,
    pub title: &'a str,
    /// What stands above everything: whose letter it is.
    pub brand: &'a str,
    pub parts: &'a [Part],
    /// What stands below everything, in small print.
    pub foot: &'a [String],
}

const STYLE: &str = include_str!("letter.css");

const SANS: &str = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Noto Sans SC','Noto Sans Arabic',Arial,sans-serif";
const SERIF: &str = "font-family:'Iowan Old Style','Palatino Linotype',Palatino,Georgia,serif";

impl Sheet<'_> {
    /// The HTML document.
    pub fn html(&self) -> String {
        let (lang, dir) = (self.language.tag(), self.language.direction());
        let start = if dir == "rtl" { "right" } else { "left" };
        let mut html = String::with_capacity(6 * 1024);
        let (title, brand) = (encode_text(self.title), encode_text(self.brand));
        let text =
            format!("{SANS};font-size:16px;line-height:1.55;color:#1b1d22;text-align:{start}");
        _ = write!(
            html,
            "<!doctype html>\n<html lang=\"{lang}\" dir=\"{dir}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <meta name=\"supported-color-schemes\" content=\"light dark\">\n\
             <meta name=\"format-detection\" content=\"telephone=no, date=no, address=no\">\n\
             <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n\
             <body class=\"paper\" style=\"margin:0;padding:0;background-color:#faf8f4\">\n\
             <table role=\"presentation\" class=\"paper\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" \
             border=\"0\" dir=\"{dir}\" lang=\"{lang}\" style=\"background-color:#faf8f4\">\n\
             <tr><td align=\"center\" style=\"padding:24px 12px\">\n\
             <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" \
             style=\"max-width:560px\">\n\
             <tr><td class=\"ink\" align=\"{start}\" style=\"{text};padding:0 8px 16px;font-weight:600\">{brand}</td></tr>\n\
             <tr><td class=\"card\" align=\"{start}\" style=\"{text};background-color:#ffffff;border:1px solid #dcd8cf;border-radius:12px;padding:28px 24px 12px\">\n"
        );
        for part in self.parts {
            self.part(&mut html, part);
        }
        html.push_str("</td></tr>\n");
        _ = writeln!(
            html,
            "<tr><td class=\"soft\" align=\"{start}\" style=\"{text};font-size:13px;color:#575c67;padding:16px 8px 0\">"
        );
        for line in self.foot {
            _ = writeln!(html, "<p style=\"margin:0 0 8px\">{}</p>", linked(line));
        }
        html.push_str("</td></tr>\n</table>\n</td></tr>\n</table>\n</body>\n</html>\n");
        html
    }

    fn part(&self, html: &mut String, part: &Part) {
        let heading = match self.language {
            // No tradition of serifs and italics that these fonts would serve.
            Language::Chinese | Language::Arabic => SANS,
            _ => SERIF,
        };
        _ = match part {
            Part::Heading(words) => writeln!(
                html,
                "<h1 class=\"ink\" style=\"{heading};font-size:26px;line-height:1.25;font-weight:600;margin:0 0 16px;color:#1b1d22\">{}</h1>",
                encode_text(words)
            ),
            Part::Words(words) => {
                writeln!(html, "<p style=\"margin:0 0 16px\">{}</p>", linked(words))
            }
            Part::Small(words) => writeln!(
                html,
                "<p class=\"soft\" style=\"font-size:14px;margin:0 0 16px;color:#575c67\">{}</p>",
                linked(words)
            ),
            Part::Code { words, code } => {
                let (before, after) = words.split_once("{code}").unwrap_or((words, ""));
                writeln!(
                    html,
                    "<p style=\"margin:0 0 16px\">{} <span class=\"tint\" dir=\"ltr\" style=\"display:block;margin-top:8px;padding:12px 16px;border-radius:8px;background-color:#eef2fb;font-family:ui-monospace,Menlo,Consolas,monospace;font-size:28px;line-height:1.3;letter-spacing:0.12em;font-weight:600;text-align:center\">{}</span>{}</p>",
                    encode_text(before.trim_end()),
                    encode_text(code),
                    encode_text(after)
                )
            }
            Part::Changes(changes) => self.changes(html, changes),
            Part::Link { label, url } => writeln!(
                html,
                "<p style=\"margin:24px 0\"><a class=\"button\" href=\"{}\" style=\"display:inline-block;padding:12px 20px;border-radius:8px;background-color:#1f4fbf;color:#ffffff;text-decoration:none;font-weight:600\">{}</a></p>",
                encode_double_quoted_attribute(url),
                encode_text(label)
            ),
            Part::Way { label, url } => writeln!(
                html,
                "<p style=\"margin:0 0 8px\"><a class=\"link\" href=\"{}\" style=\"color:#1f4fbf\">{}</a></p>",
                encode_double_quoted_attribute(url),
                encode_text(label)
            ),
        };
    }

    fn changes(&self, html: &mut String, changes: &[(String, Vec<String>)]) -> std::fmt::Result {
        let start = if self.language.direction() == "rtl" { "right" } else { "left" };
        html.push_str("<table width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" role=\"presentation\" style=\"margin:0 0 16px\">\n");
        for (what, details) in changes {
            write!(
                html,
                "<tr><td class=\"line\" align=\"{start}\" style=\"padding:12px 0;border-top:1px solid #dcd8cf\"><strong>{}</strong>",
                encode_text(what)
            )?;
            for detail in details {
                write!(
                    html,
                    "<br><span class=\"soft\" style=\"font-size:14px;color:#575c67\">{}</span>",
                    encode_text(detail)
                )?;
            }
            html.push_str("</td></tr>\n");
        }
        html.push_str("</table>\n");
        Ok(())
    }

    /// The plain text.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(2 * 1024);
        for part in self.parts {
            _ = match part {
                Part::Heading(words) | Part::Words(words) | Part::Small(words) => {
                    writeln!(text, "{words}\n")
                }
                Part::Code { words, code } => writeln!(text, "{}\n", words.replace("{code}", code)),
                Part::Changes(changes) => {
                    for (what, details) in changes {
                        _ = writeln!(text, "* {what}");
                        for detail in details {
                            _ = writeln!(text, "  {detail}");
                        }
                    }
                    writeln!(text)
                }
                Part::Link { label, url } | Part::Way { label, url } => {
                    writeln!(text, "{label}:\n{url}\n")
                }
            };
        }
        // What follows is not the message (RFC 3676 §4.3).
        text.push_str("-- \n");
        for line in self.foot {
            _ = writeln!(text, "{line}");
        }
        text
    }
}

/// A text, line by line, in which addresses of pages and mailboxes are links, from left to right
/// also within Arabic.
fn linked(words: &str) -> String {
    words.split('\n').map(linked_line).collect::<Vec<_>>().join("<br>\n")
}

fn linked_line(words: &str) -> String {
    let mut html = String::with_capacity(words.len() + 64);
    for (place, word) in words.split(' ').enumerate() {
        if place > 0 {
            html.push(' ');
        }
        let bare = word.trim_end_matches(['.', ',', '。', '،', '；', ';', ')']);
        let rest = &word[bare.len()..];
        let href = if bare.starts_with("https://") || bare.starts_with("http://") {
            bare.to_owned()
        } else if bare.parse::<domain::contact::Email>().is_ok() {
            format!("mailto:{bare}")
        } else {
            html.push_str(&encode_text(word));
            continue;
        };
        _ = write!(
            html,
            "<a class=\"link\" dir=\"ltr\" href=\"{}\" style=\"color:#1f4fbf;overflow-wrap:anywhere\">{}</a>{}",
            encode_double_quoted_attribute(&href),
            encode_text(bare),
            encode_text(rest)
        );
    }
    html
}
