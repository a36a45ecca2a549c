//! Where things are in this repository, and how cargo is called for all of it.

use crate::{
    outcome::{OrStop, Outcome},
    process::ask,
};
use serde::Deserialize;
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

/// How the server is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Quick to build, for working on it.
    Dev,
    /// Optimised, for running and measuring it.
    Release,
}

impl Profile {
    /// The folder below the target folder.
    fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}

/// The repository's folders.
#[derive(Debug, Deserialize)]
pub struct Repository {
    #[serde(rename = "workspace_root")]
    root: PathBuf,
    #[serde(rename = "target_directory")]
    target: PathBuf,
}

impl Repository {
    /// Asks cargo, which knows about `CARGO_TARGET_DIR` and every other way to set it.
    pub fn find() -> Outcome<Self> {
        let mut metadata = Command::new(cargo());
        metadata.args(["metadata", "--no-deps", "--format-version=1", "--locked"]);
        let answer = ask(&mut metadata, "read the workspace with `cargo metadata`")?;
        serde_json::from_str(&answer).or_stop("understand `cargo metadata`")
    }

    /// A file or folder of the sources.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.join(name)
    }

    /// A file or folder of what is built.
    pub fn target(&self, name: impl AsRef<Path>) -> PathBuf {
        self.target.join(name)
    }

    /// The laid-out site that the server embeds.
    pub fn site(&self) -> PathBuf {
        self.target("site")
    }

    /// The server's executable.
    pub fn server(&self, profile: Profile) -> PathBuf {
        let name = format!("sayso{}", std::env::consts::EXE_SUFFIX);
        self.target(profile.folder()).join(name)
    }

    /// A cargo command at the root, with the same surroundings for every command, so that none
    /// compiles again what another has compiled.
    pub fn cargo(&self, subcommand: &str) -> Command {
        let mut command = Command::new(cargo());
        command.arg(subcommand).current_dir(&self.root);
        command.env("CARGO_TARGET_DIR", &self.target);
        command.env("SAYSO_SITE", self.site());
        // `cargo run` describes xtask in these; a build script that watches one would run again.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&name);
            }
        }
        command
    }
}

/// The very cargo that runs xtask, so that nothing is built by two versions.
fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
