//! Embeds the built site (`SAYSO_SITE`, made by `cargo xtask site`) into the server.
//!
//! Without it the server still builds: pages then carry the plain stylesheet and no script, and
//! work as forms.

#![expect(
    clippy::unnecessary_debug_formatting,
    reason = "a path becomes a string literal of the generated code"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::Deserialize;

#[derive(Deserialize)]
struct Manifest {
    boot: String,
    css: String,
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    name: String,
    mime: String,
    immutable: bool,
}

fn main() {
    println!("cargo::rerun-if-env-changed=SAYSO_SITE");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets OUT_DIR"));
    let code = match env::var("SAYSO_SITE") {
        Ok(folder) => built(Path::new(&folder)),
        Err(_) => plain(),
    };
    fs::write(out.join("site.rs"), code).expect("OUT_DIR can be written");
}

fn built(folder: &Path) -> String {
    let path = folder.join("manifest.json");
    println!("cargo::rerun-if-changed={}", path.display());
    let text = fs::read_to_string(&path)
        .unwrap_or_else(|_| panic!("SAYSO_SITE has no manifest.json; run `cargo xtask site`"));
    let manifest: Manifest = serde_json::from_str(&text).expect("manifest.json is of its form");
    let mut code = format!(
        "pub(super) const CSS: &str = include_str!({:?});\n\
         pub(super) const BOOT: Option<&str> = Some({:?});\n\
         pub(super) const FILES: &[File] = &[\n",
        folder.join(&manifest.css),
        manifest.boot
    );
    println!("cargo::rerun-if-changed={}", folder.join(&manifest.css).display());
    for file in &manifest.files {
        let body = folder.join(&file.name);
        println!("cargo::rerun-if-changed={}", body.display());
        let variant = |ending: &str| {
            let path = folder.join(format!("{}.{ending}", file.name));
            if path.exists() { format!("Some(include_bytes!({path:?}))") } else { "None".into() }
        };
        writeln!(
            code,
            "File {{ name: {:?}, mime: {:?}, immutable: {}, body: include_bytes!({body:?}), br: {}, gz: {} }},",
            file.name, file.mime, file.immutable, variant("br"), variant("gz")
        )
        .expect("a String takes all that is written");
    }
    code.push_str("];\n");
    code
}

fn plain() -> String {
    let folder =
        PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../style");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .map(|entries| entries.filter_map(|entry| Some(entry.ok()?.path())).collect())
        .unwrap_or_default();
    files.sort();
    let css: String = files
        .iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "css"))
        .filter_map(|path| fs::read_to_string(path).ok())
        .collect();
    format!(
        "pub(super) const CSS: &str = {css:?};\n\
         pub(super) const BOOT: Option<&str> = None;\n\
         pub(super) const FILES: &[File] = &[];\n"
    )
}
