//! The site that the server embeds: everything a browser may fetch, laid out in `target/site`.

mod bindgen;
mod compress;
mod folder;
mod manifest;
mod names;
mod public;
mod script;
mod style;
mod wasm;

use crate::{
    outcome::{OrStop, Outcome, Stop},
    progress::Progress,
    repository::Repository,
};
use folder::Folder;
use manifest::{Entry, Manifest};
use names::hashed;
use std::fs::{self, File};
pub use wasm::{PACKAGE as PAGE, ensure_target};

/// The steps of [`lay_out`].
pub const STEPS: usize = 4;

/// Lays the site out, doing again only what has changed.
pub fn lay_out(repository: &Repository, progress: &mut Progress) -> Outcome {
    progress.quiet("Looking for the WebAssembly target", ensure_target)?;
    let raw = progress.loud("Building the page's WebAssembly", || wasm::build(repository))?;
    // Two commands at once would otherwise write the same files.
    let lock = lock(repository)?;
    let page = progress.quiet("Writing the JavaScript around it", || {
        bindgen::generate(&raw, &repository.target("xtask"))
    })?;
    progress.quiet("Laying out and compressing the site", || write(repository, &page))?;
    drop(lock);
    Ok(())
}

fn lock(repository: &Repository) -> Outcome<File> {
    let folder = repository.target("xtask");
    fs::create_dir_all(&folder).or_stop_at("create", &folder)?;
    let path = folder.join("lock");
    let file = File::create(&path).or_stop_at("create", &path)?;
    file.lock().or_stop_at("lock", &path)?;
    Ok(file)
}

fn write(repository: &Repository, page: &bindgen::Generated) -> Outcome {
    let mut site = Folder::open(repository.site())?;
    let boot = write_script(repository, page, &mut site)?;
    let mut files: Vec<Entry> =
        boot.iter().map(|name| Entry::new(name, true)).collect::<Outcome<_>>()?;
    for (name, bytes) in public::files(&repository.path("public"))? {
        site.put(&name, &bytes)?;
        files.push(Entry::new(&name, false)?);
    }
    site.put("site.css", style::stylesheet(&repository.path("style"))?.as_bytes())?;
    let manifest = Manifest { boot: &boot[0], css: "site.css", files };
    site.put("manifest.json", manifest.to_json()?.as_bytes())?;
    site.remove_the_rest()
}

/// The three files that bring islands to life, under names that change with their content.
fn write_script(
    repository: &Repository,
    page: &bindgen::Generated,
    site: &mut Folder,
) -> Outcome<[String; 3]> {
    let wasm = hashed("sayso", "wasm", &page.wasm);
    let js = hashed("sayso", "js", page.js.as_bytes());
    let path = repository.path("app/boot.js");
    let boot = fs::read_to_string(&path).or_stop_at("read", &path)?;
    let boot = script::squeeze(&point_at(&boot, &js, &wasm)?);
    let name = hashed("boot", "js", boot.as_bytes());
    site.put_compressed(&wasm, &page.wasm)?;
    site.put_compressed(&js, page.js.as_bytes())?;
    site.put_compressed(&name, boot.as_bytes())?;
    Ok([name, js, wasm])
}

/// Replaces the two plain file names in the loader by those with the hashes.
fn point_at(boot: &str, js: &str, wasm: &str) -> Outcome<String> {
    let mut text = boot.to_owned();
    for (plain, hashed) in [("./sayso.js", js), ("./sayso.wasm", wasm)] {
        if text.matches(plain).count() != 1 {
            return Err(Stop::new(format!("app/boot.js must name \"{plain}\" exactly once.")));
        }
        text = text.replace(plain, &format!("./{hashed}"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loader_points_at_the_hashed_files() {
        let boot = r#"import("./sayso.js"); new URL("./sayso.wasm", import.meta.url)"#;
        let text = point_at(boot, "sayso.1.js", "sayso.2.wasm").expect("both are named once");
        assert_eq!(text, r#"import("./sayso.1.js"); new URL("./sayso.2.wasm", import.meta.url)"#);
    }

    #[test]
    fn a_loader_that_names_no_script_is_refused() {
        assert!(point_at("import('elsewhere')", "a.js", "a.wasm").is_err());
    }
}
