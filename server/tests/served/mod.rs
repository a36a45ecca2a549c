//! The program with the example business, for tests that need the program itself.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../example");

/// A running portal; it ends with the test, however that ends.
pub struct Portal {
    pub child: Child,
    pub address: String,
    pub key: String,
    folder: PathBuf,
}

impl Drop for Portal {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

impl Portal {
    /// Starts it, with a key that was made with these options.
    pub fn start(name: &str, key: &[&str]) -> Self {
        let folder = std::env::temp_dir().join(format!("sayso-{name}-{}", std::process::id()));
        let mut serve = sayso(&folder, &["serve", "--port", "0", "--example", EXAMPLE]);
        let mut child = serve.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = said.find_map(|line| {
            line.unwrap().strip_prefix("Listening on http://").map(ToOwned::to_owned)
        });
        let words = [&["key", "create", "--name", name], key].concat();
        let told = String::from_utf8(sayso(&folder, &words).output().unwrap().stdout).unwrap();
        let key = told.split_whitespace().find(|word| word.starts_with("sayso_")).unwrap();
        Self { child, address: address.unwrap(), key: key.to_owned(), folder }
    }
}

fn sayso(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sayso"));
    command.args(words).arg("--data").arg(folder);
    command
}
