//! `manifest.json`: what the server's build script reads to embed the site.

use crate::outcome::{OrStop, Outcome, Stop};
use serde::Serialize;
use std::path::Path;

/// The whole site.
#[derive(Serialize)]
pub struct Manifest<'a> {
    /// The loader that a page with islands names in its one script tag.
    pub boot: &'a str,
    /// The stylesheet, which the server writes into each page.
    pub css: &'a str,
    /// Every file that has an address of its own; `.br` and `.gz` lie beside the immutable ones.
    pub files: Vec<Entry>,
}

/// One file that has an address of its own.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub struct Entry {
    name: String,
    mime: &'static str,
    immutable: bool,
}

impl Manifest<'_> {
    /// The file's text.
    pub fn to_json(&self) -> Outcome<String> {
        serde_json::to_string_pretty(self).or_stop("write the site's manifest")
    }
}

impl Entry {
    /// `immutable` is for names that change with their content.
    pub fn new(name: &str, immutable: bool) -> Outcome<Self> {
        let mime = mime(name).ok_or_else(|| {
            Stop::new(format!(
                "The kind of `{name}` is unknown: add its ending to xtask/src/site/manifest.rs."
            ))
        })?;
        Ok(Self { name: name.to_owned(), mime, immutable })
    }
}

fn mime(name: &str) -> Option<&'static str> {
    Some(match Path::new(name).extension()?.to_str()? {
        "avif" => "image/avif",
        "html" => "text/html; charset=utf-8",
        "ico" => "image/x-icon",
        "jpg" => "image/jpeg",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "pdf" => "application/pdf",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "webp" => "image/webp",
        "xml" => "application/xml",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_has_the_shape_that_the_server_reads() {
        let files = vec![Entry::new("robots.txt", false).expect("a known kind")];
        let manifest = Manifest { boot: "boot.1.js", css: "site.css", files };
        let json: serde_json::Value =
            serde_json::from_str(&manifest.to_json().expect("serializable")).expect("valid");
        let expected = serde_json::json!({
            "boot": "boot.1.js",
            "css": "site.css",
            "files": [
                {"name": "robots.txt", "mime": "text/plain; charset=utf-8", "immutable": false},
            ],
        });
        assert_eq!(json, expected);
    }

    #[test]
    fn an_unknown_kind_is_refused() {
        assert!(Entry::new("notes.docx", false).is_err());
    }
}
