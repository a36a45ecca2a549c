//! A business to measure with: a register, many customers and their links, in a folder of its own.

use super::running::Running;
use crate::{
    outcome::{OrStop, Outcome, Stop},
    process::ask,
    repository::{Profile, Repository},
};
use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    process::Command,
};

/// A folder that is removed when dropped.
pub struct Folder {
    path: PathBuf,
    /// Held as long as the folder is in use; the system lets go of it however this run ends.
    _lock: File,
}

impl Folder {
    /// An empty folder among what is built: temporary folders are often kept in memory, where
    /// writing durably costs nothing.
    pub fn create(repository: &Repository) -> Outcome<Self> {
        let parent = repository.target("bench");
        fs::create_dir_all(&parent).or_stop_at("create", &parent)?;
        let folder = Self { _lock: lock(&parent.join("lock"))?, path: parent.join("data") };
        folder.remove()?;
        fs::create_dir_all(&folder.path).or_stop_at("create", &folder.path)?;
        Ok(folder)
    }

    /// A file or folder in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn remove(&self) -> Outcome {
        if self.path.exists() {
            fs::remove_dir_all(&self.path).or_stop_at("remove", &self.path)?;
        }
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(stop) = self.remove() {
            eprintln!("{stop}");
        }
    }
}

/// Two runs at once would take each other's folder away, and measure each other.
fn lock(path: &Path) -> Outcome<File> {
    let file = File::create(path).or_stop_at("create", path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Stop::new("Another `cargo xtask bench` is running.")),
        Err(TryLockError::Error(error)) => Err(error).or_stop_at("lock", path),
    }
}

/// The business: the server's executable and a data folder.
pub struct Business {
    executable: PathBuf,
    data: PathBuf,
}

impl Business {
    /// Publishes the example's register in an empty data folder.
    pub fn found(repository: &Repository, data: PathBuf) -> Outcome<Self> {
        Self::found_with(repository, data, &repository.path("example/catalogue.toml"), &[])
    }

    /// Publishes a register in an empty data folder.
    pub fn found_with(
        repository: &Repository,
        data: PathBuf,
        catalogue: &Path,
        options: &[&str],
    ) -> Outcome<Self> {
        let business = Self::open(repository, data);
        let mut publish = business.command(&["catalogue", "publish"], Some(catalogue));
        publish.args(options);
        business.ask(publish, "publish the register")?;
        Ok(business)
    }

    /// A business that was founded before.
    pub fn open(repository: &Repository, data: PathBuf) -> Self {
        Self { executable: repository.server(Profile::Release), data }
    }

    /// Loads a customer file.
    pub fn import(&self, file: &Path) -> Outcome {
        let import = self.command(&["people", "import"], Some(file));
        self.ask(import, "load the customers").map(drop)
    }

    /// Makes everybody's link; returns the tokens, one a person.
    pub fn tokens(&self, into: &Path, people: u32) -> Outcome<Vec<String>> {
        let mut export = self.command(&["links", "export"], None);
        export.arg("--out").arg(into);
        self.ask(export, "make the links")?;
        let tokens = tokens(&fs::read_to_string(into).or_stop_at("read", into)?);
        if u32::try_from(tokens.len()) != Ok(people) {
            let count = tokens.len();
            return Err(Stop::new(format!("{people} customers were loaded, {count} have a link.")));
        }
        Ok(tokens)
    }

    /// The same business once more, in another data folder. No server may be running.
    pub fn copy(&self, data: PathBuf) -> Outcome<Self> {
        fs::create_dir_all(&data).or_stop_at("create", &data)?;
        for entry in fs::read_dir(&self.data).or_stop_at("read", &self.data)? {
            let entry = entry.or_stop_at("read", &self.data)?;
            if entry.path().is_file() {
                fs::copy(entry.path(), data.join(entry.file_name()))
                    .or_stop_at("copy", &entry.path())?;
            }
        }
        Ok(Self { executable: self.executable.clone(), data })
    }

    /// Makes a key of the API.
    pub fn key(&self, options: &[&str]) -> Outcome<String> {
        let mut create = self.command(&["key", "create", "--name", "bench"], None);
        create.args(options);
        let told = self.ask(create, "make a key")?;
        let key = told.split_ascii_whitespace().find(|word| word.starts_with("sayso_"));
        key.map(str::to_owned).ok_or_else(|| Stop::new("`key create` says no key."))
    }

    /// Writes what the client of a key needs to use its snapshots; returns the file.
    pub fn credentials(&self, key: &str, file: &Path) -> Outcome<PathBuf> {
        let mut write = self.command(&["snapshot", "credentials", "--key", key], None);
        write.arg("--out").arg(file);
        self.ask(write, "write credentials")?;
        Ok(file.to_owned())
    }

    /// Filters a list by a snapshot; returns what the command says at its end.
    pub fn filter(
        &self,
        target: &str,
        list: &Path,
        out: &Path,
        snapshot: &Path,
        credentials: &Path,
    ) -> Outcome<String> {
        let mut filter = self.command(&["gate", "filter", "--target", target], Some(list));
        filter.arg("--out").arg(out).arg("--snapshot").arg(snapshot);
        filter.arg("--credentials").arg(credentials);
        let output = filter.output().or_stop("filter a list")?;
        let said = String::from_utf8_lossy(&output.stderr);
        let newest = said.lines().next_back().unwrap_or_default().to_owned();
        if output.status.success() { Ok(newest) } else { Err(Stop::new(newest)) }
    }

    /// Makes the secret that a system's webhooks are signed with.
    pub fn make_secret(&self, system: &str) -> Outcome {
        self.ask(self.command(&["system", "secret", system], None), "make a secret").map(drop)
    }

    /// Deliveries that wait for a system.
    pub fn waiting(&self, system: &str) -> Outcome<u32> {
        let told = self.ask(self.command(&["deliveries", "status"], None), "count deliveries")?;
        let line = told.lines().find_map(|line| line.strip_prefix(system)?.strip_prefix(": "));
        let count = line.and_then(|line| line.split(' ').next()?.parse().ok());
        count.ok_or_else(|| Stop::new(format!("`deliveries status` says nothing of {system}.")))
    }

    /// Starts its server.
    pub fn serve(&self, arguments: &[&str]) -> Outcome<Running> {
        let mut serve = self.command(&["serve", "--port", "0"], None);
        Running::start(serve.args(arguments))
    }

    /// Walks the ledger; returns the number of its entries.
    pub fn entries(&self) -> Outcome<u32> {
        let told = self.ask(self.command(&["ledger", "verify"], None), "verify the ledger")?;
        let count = told.split_ascii_whitespace().find_map(|word| word.parse().ok());
        count.ok_or_else(|| Stop::new(format!("`ledger verify` says no number: {told}")))
    }

    fn ask(&self, mut command: Command, what: &str) -> Outcome<String> {
        ask(&mut command, &format!("{what} in {}", self.data.display()))
    }

    fn command(&self, words: &[&str], file: Option<&Path>) -> Command {
        let mut command = Command::new(&self.executable);
        for (name, _) in std::env::vars_os() {
            // Settings of an installation here must not reach the measured one.
            if name.to_string_lossy().starts_with("SAYSO_") {
                command.env_remove(&name);
            }
        }
        command.args(words).args(file).arg("--data").arg(&self.data);
        command
    }
}

fn tokens(links: &str) -> Vec<String> {
    let rows = links.lines().skip(1).filter(|line| !line.is_empty());
    rows.filter_map(|row| Some(row.rsplit_once("/c/")?.1.trim_matches('"').to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_is_told_of_the_first() {
        let path = std::env::temp_dir().join(format!("sayso-lock-{}", std::process::id()));
        let first = lock(&path);
        assert!(first.is_ok());
        let told = Stop::new("Another `cargo xtask bench` is running.");
        assert_eq!(lock(&path).map(drop), Err(told));
        drop(first);
        assert!(lock(&path).is_ok());
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_token_is_what_follows_in_the_link() {
        let rows = "customer_number,email,language,link\n\
                    B-1,a@example.com,en,http://127.0.0.1:3000/c/abc-_1\n\
                    B-2,b@example.com,de,\"https://x.example/c/d\"\n";
        assert_eq!(tokens(rows), ["abc-_1", "d"]);
    }
}
