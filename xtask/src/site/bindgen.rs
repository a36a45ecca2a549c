//! The JavaScript that joins the WebAssembly to the page, by wasm-bindgen as a library: its
//! version comes from the same lock file as the app's, so the two cannot drift apart.

use super::{names::digest, script::squeeze};
use crate::outcome::{OrStop, Outcome, Stop};
use std::{fs, mem, path::Path};
use wasm_bindgen_cli_support::{Bindgen, Output};

/// The script's name, before a hash is added to it.
const NAME: &str = "sayso";

/// What makes an earlier result worthless besides another module: other settings. The tool's own
/// version is written in every module it has to do with.
const RECIPE: &str = include_str!("bindgen.rs");

/// The module as a browser gets it, and the script that loads it.
pub struct Generated {
    /// The ES module.
    pub js: String,
    /// The WebAssembly module.
    pub wasm: Vec<u8>,
}

/// Takes the result of an earlier run from the cache folder when it was made from the same module.
pub fn generate(raw: &[u8], cache: &Path) -> Outcome<Generated> {
    let key = digest(&[raw, RECIPE.as_bytes()]);
    if let Some(generated) = remembered(cache, &key) {
        return Ok(generated);
    }
    // The key goes first and comes last: a run that is stopped in between leaves none.
    forget(cache)?;
    bind(raw, cache)?;
    let path = cache.join("key");
    fs::write(&path, &key).or_stop_at("write", &path)?;
    remembered(cache, &key).ok_or_else(|| Stop::new("wasm-bindgen wrote no script."))
}

fn remembered(cache: &Path, key: &str) -> Option<Generated> {
    let known = fs::read_to_string(cache.join("key")).ok()?;
    (known == key).then_some(())?;
    let js = fs::read_to_string(cache.join(format!("{NAME}.js"))).ok()?;
    let wasm = fs::read(cache.join(format!("{NAME}_bg.wasm"))).ok()?;
    Some(Generated { js, wasm })
}

fn forget(cache: &Path) -> Outcome {
    let key = cache.join("key");
    if key.exists() {
        fs::remove_file(&key).or_stop_at("remove", &key)?;
    }
    Ok(())
}

fn bind(raw: &[u8], folder: &Path) -> Outcome {
    let mut bindgen = Bindgen::new();
    bindgen.web(true).or_stop("choose wasm-bindgen's kind of output")?;
    bindgen.input_bytes(NAME, raw.to_vec()).out_name(NAME).typescript(false);
    bindgen.remove_name_section(true).remove_producers_section(true);
    let mut output = bindgen.generate_output().or_stop("run wasm-bindgen")?;
    // Their names carry no hash, and the loader knows one script only.
    if output.snippets().values().any(|files| !files.is_empty())
        || !output.local_modules().is_empty()
    {
        return Err(Stop::new(
            "A dependency of the app brings JavaScript files of its own, which the site's layout does not know.",
        ));
    }
    let names = shorten(&mut output);
    output.emit(folder).or_stop("write wasm-bindgen's output")?;
    let path = folder.join(format!("{NAME}.js"));
    let js = fs::read_to_string(&path).or_stop_at("read", &path)?;
    fs::write(&path, squeeze(&rename(js, &names))).or_stop_at("write", &path)
}

/// Gives each import whose name ends in a hash a short name instead, and returns both. Hashes do
/// not compress, and stand in both files: without them a browser downloads two kilobytes less.
fn shorten(output: &mut Output) -> Vec<(String, String)> {
    let js = output.js().to_owned();
    let mut names = Vec::new();
    for import in output.wasm_mut().imports.iter_mut() {
        if ends_in_hash(&import.name) && js.matches(&import.name).count() == 1 {
            let short = format!("i{}", names.len());
            names.push((mem::replace(&mut import.name, short.clone()), short));
        }
    }
    names
}

fn rename(js: String, names: &[(String, String)]) -> String {
    names.iter().fold(js, |js, (long, short)| js.replace(long, short))
}

fn ends_in_hash(name: &str) -> bool {
    name.rsplit_once('_').is_some_and(|(_, hash)| {
        hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_shortened() {
        assert!(ends_in_hash("__wbg_append_0b51e9fcb3fa4a1c"));
        assert!(!ends_in_hash("__wbindgen_throw"));
        assert!(!ends_in_hash("Counter_1976386244616431408"));
        let names = [("append_0b51e9fcb3fa4a1c".to_owned(), "i0".to_owned())];
        let js = "append_0b51e9fcb3fa4a1c: function() {}".to_owned();
        assert_eq!(rename(js, &names), "i0: function() {}");
    }

    #[test]
    fn a_result_is_remembered_for_its_own_key_only() {
        let cache = std::env::temp_dir().join(format!("xtask-bindgen-{}", std::process::id()));
        fs::create_dir_all(&cache).expect("writable");
        for (name, content) in [("key", "one"), ("sayso.js", "js"), ("sayso_bg.wasm", "wasm")] {
            fs::write(cache.join(name), content).expect("writable");
        }
        assert!(remembered(&cache, "one").is_some_and(|found| found.js == "js"));
        assert!(remembered(&cache, "two").is_none());
        forget(&cache).expect("removable");
        assert!(remembered(&cache, "one").is_none());
        fs::remove_dir_all(cache).expect("removable");
    }
}
