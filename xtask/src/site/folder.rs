//! A folder that holds exactly what was put into it, and whose unchanged files stay untouched.

use super::compress::{brotli, gzip};
use crate::outcome::{OrStop, Outcome, Stop};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The folder, and what has been put into it in this run.
pub struct Folder {
    path: PathBuf,
    kept: BTreeSet<PathBuf>,
}

impl Folder {
    /// Creates the folder where it is missing.
    pub fn open(path: PathBuf) -> Outcome<Self> {
        fs::create_dir_all(&path).or_stop_at("create", &path)?;
        Ok(Self { path, kept: BTreeSet::new() })
    }

    /// Puts a file there; one with the same content keeps its time, so that nothing that watches
    /// it is built again.
    pub fn put(&mut self, name: &str, content: &[u8]) -> Outcome {
        let path = self.keep(name)?;
        if fs::read(&path).is_ok_and(|old| old == content) {
            return Ok(());
        }
        replace(&path, content)
    }

    /// Puts a file whose name is made from its content there, and its compressed forms beside it.
    pub fn put_compressed(&mut self, name: &str, content: &[u8]) -> Outcome {
        self.put(name, content)?;
        for (ending, compress) in [("br", brotli as fn(&[u8]) -> _), ("gz", gzip)] {
            let path = self.keep(&format!("{name}.{ending}"))?;
            if !path.exists() {
                replace(&path, &compress(content).or_stop_at("compress", &path)?)?;
            }
        }
        Ok(())
    }

    /// Removes what earlier runs have put there and this one has not.
    pub fn remove_the_rest(&self) -> Outcome {
        for path in files_below(&self.path)? {
            if !self.kept.contains(&path) {
                fs::remove_file(&path).or_stop_at("remove", &path)?;
            }
        }
        Ok(())
    }

    fn keep(&mut self, name: &str) -> Outcome<PathBuf> {
        let path = self.path.join(name);
        if self.kept.insert(path.clone()) {
            return Ok(path);
        }
        Err(Stop::new(format!("Two files of the site want the name `{name}`.")))
    }
}

/// Every file below a folder, in the order of their names; a missing folder has none.
pub fn files_below(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut files = Vec::new();
    if !folder.exists() {
        return Ok(files);
    }
    for entry in fs::read_dir(folder).or_stop_at("read", folder)? {
        let path = entry.or_stop_at("read", folder)?.path();
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// A file is there whole or not at all, even when we are stopped in the middle.
fn replace(path: &Path, content: &[u8]) -> Outcome {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).or_stop_at("create", folder)?;
    }
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".part");
    fs::write(&unfinished, content).or_stop_at("write", path)?;
    fs::rename(&unfinished, path).or_stop_at("write", path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    fn folder(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        fs::remove_dir_all(&path).ok();
        path
    }

    fn changed(path: &Path) -> SystemTime {
        fs::metadata(path).and_then(|data| data.modified()).expect("the file is there")
    }

    #[test]
    fn an_unchanged_file_keeps_its_time_and_a_changed_one_does_not() {
        let path = folder("time");
        let file = path.join("icons/a.svg");
        let mut site = Folder::open(path.clone()).expect("writable");
        site.put("icons/a.svg", b"one").expect("writable");
        let before = changed(&file);
        let mut site = Folder::open(path.clone()).expect("writable");
        site.put("icons/a.svg", b"one").expect("writable");
        assert_eq!(changed(&file), before);
        assert!(site.put("icons/a.svg", b"two").is_err(), "the name is taken");
        let mut site = Folder::open(path.clone()).expect("writable");
        site.put("icons/a.svg", b"two").expect("writable");
        assert_eq!(fs::read(&file).expect("readable"), b"two");
        fs::remove_dir_all(path).expect("removable");
    }

    #[test]
    fn what_was_not_put_there_again_goes() {
        let path = folder("rest");
        let mut old = Folder::open(path.clone()).expect("writable");
        old.put_compressed("boot.1.js", b"one").expect("writable");
        let mut new = Folder::open(path.clone()).expect("writable");
        new.put_compressed("boot.2.js", b"two").expect("writable");
        new.remove_the_rest().expect("removable");
        let names = ["boot.2.js", "boot.2.js.br", "boot.2.js.gz"].map(|name| path.join(name));
        assert_eq!(files_below(&path).expect("readable"), names);
        fs::remove_dir_all(path).expect("removable");
    }
}
