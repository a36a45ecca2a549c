//! A database server of the tests' own: in a temporary folder, gone at the end whatever happens.

use super::prerequisites::{is_root, missing};
use crate::{
    outcome::{OrStop, Outcome},
    process::{ask, folder_on_path, holds},
};
use std::{
    ffi::OsStr,
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::Command,
};

const PROGRAMS: &[&str] = &["initdb", "pg_ctl", "postgres"];

/// The server refuses to run as root; the system's package brings this user for it.
const USER: &str = "postgres";

/// Another program may take the free port before we do.
const ATTEMPTS: usize = 3;

/// A running server, stopped and removed when dropped.
pub struct Postgres {
    programs: PathBuf,
    as_user: bool,
    folder: PathBuf,
    port: u16,
}

/// The folder with the server's programs. Debian keeps them off the PATH, where only wrappers may
/// lie: so its own folder comes first, the newest version of it.
pub fn programs() -> Outcome<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))
        })
        .filter(|(_, folder)| holds(folder, PROGRAMS))
        .collect();
    versions.sort();
    let newest = versions.pop().map(|(_, folder)| folder);
    newest.or_else(|| folder_on_path(PROGRAMS)).ok_or_else(|| missing("PostgreSQL", "postgresql"))
}

impl Postgres {
    /// Creates an empty server and starts it on a free port of this machine.
    pub fn start() -> Outcome<Self> {
        let (programs, as_user) = (programs()?, is_root());
        let mut mktemp = command("mktemp".as_ref(), as_user, Path::new("/"));
        mktemp.args(["-d", "-t", "sayso-postgres.XXXXXX"]);
        let folder = ask(&mut mktemp, "create a folder for PostgreSQL")?.into();
        let mut postgres = Self { programs, as_user, folder, port: 0 };
        postgres.initialise()?;
        for _ in 1..ATTEMPTS {
            if postgres.listen().is_ok() {
                return Ok(postgres);
            }
        }
        postgres.listen()?;
        Ok(postgres)
    }

    /// Where the tests find it.
    pub fn url(&self) -> String {
        format!("postgres://postgres@{}:{}/postgres", Ipv4Addr::LOCALHOST, self.port)
    }

    /// Stops it and removes its folder.
    pub fn stop(self) -> Outcome {
        self.end()
    }

    fn initialise(&self) -> Outcome {
        let mut initdb = self.command("initdb");
        initdb.args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ]);
        initdb.arg("-D").arg(self.data());
        ask(&mut initdb, "initialise PostgreSQL").map(drop)
    }

    fn listen(&mut self) -> Outcome {
        self.port = free_port()?;
        let options = format!(
            "-p {} -k '{}' -c listen_addresses={} -c max_connections=300 -c fsync=off",
            self.port,
            self.folder.display(),
            Ipv4Addr::LOCALHOST,
        );
        let mut start = self.pg_ctl("start");
        start.arg("-w").arg("-l").arg(self.folder.join("log")).arg("-o").arg(options);
        ask(&mut start, "start PostgreSQL").map(drop)
    }

    fn end(&self) -> Outcome {
        if self.data().join("postmaster.pid").exists() {
            ask(self.pg_ctl("stop").args(["-w", "-m", "immediate"]), "stop PostgreSQL")?;
        }
        if self.folder.is_dir() {
            fs::remove_dir_all(&self.folder).or_stop_at("remove", &self.folder)?;
        }
        Ok(())
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn pg_ctl(&self, action: &str) -> Command {
        let mut command = self.command("pg_ctl");
        command.arg(action).arg("-D").arg(self.data());
        command
    }

    fn command(&self, program: &str) -> Command {
        command(self.programs.join(program).as_ref(), self.as_user, &self.folder)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Err(stop) = self.end() {
            eprintln!("{stop}");
        }
    }
}

/// The programs complain about a current folder that their user may not enter.
fn command(program: &OsStr, as_user: bool, folder: &Path) -> Command {
    let mut command = Command::new(if as_user { "runuser".as_ref() } else { program });
    if as_user {
        command.args(["-u", USER, "--"]).arg(program);
    }
    command.current_dir(folder);
    command
}

fn free_port() -> Outcome<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).or_stop("find a free port")?;
    let address = listener.local_addr().or_stop("find a free port")?;
    Ok(address.port())
}
