//! The API against its own document: linted by Redocly, tried out by Schemathesis; and the examples
//! for whoever connects to it.

use super::{left_out, python};
use crate::{
    bench::running::Running,
    outcome::{OrStop, Outcome, Stop},
    process::{ask, run},
    repository::Repository,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Seconds for the whole of Schemathesis's run.
const TIME: &str = "40";
/// Cases of each operation; more than these find little in the time there is.
const CASES: &str = "10";
/// The scopes of every operation.
const SCOPES: &[&str] = &[
    "decide",
    "why",
    "snapshot",
    "headers",
    "changes",
    "deliveries",
    "choices",
    "people",
    "signals",
    "reconcile",
    "metrics",
];
/// The system of the example that the key speaks for: the feed is a system's.
const SYSTEM: &str = "warehouse";
/// The linter, in the release that its rules were read in.
const LINTER: &str = "@redocly/cli@2.77.0";

/// Schemathesis, in an environment of its own; none where it can't be had.
pub fn install(repository: &Repository) -> Outcome<Option<PathBuf>> {
    let list = "end2end/api/requirements.txt";
    let programs = python::environment(repository, "schemathesis", list, "Schemathesis")?;
    Ok(programs.map(|programs| programs.join("st")))
}

/// The example business, served for the checks.
pub struct Served {
    server: Running,
    key: String,
}

impl Served {
    /// Starts it in an empty folder.
    pub fn start(repository: &Repository, executable: &Path) -> Outcome<Self> {
        let data = repository.target("api");
        if data.exists() {
            fs::remove_dir_all(&data).or_stop_at("remove", &data)?;
        }
        let mut serve = Command::new(executable);
        serve.args(["serve", "--port", "0", "--api-rate", "0", "--data"]).arg(&data);
        let server = Running::start(serve.arg("--example").arg(repository.path("example")))?;
        let mut create = Command::new(executable);
        create.args(["key", "create", "--name", "schemathesis", "--system", SYSTEM, "--data"]);
        create.arg(&data).args(SCOPES.iter().flat_map(|scope| ["--scope", scope]));
        let said = ask(&mut create, "make a key")?;
        let key = said.split_ascii_whitespace().find(|word| word.starts_with("sayso_"));
        let key = key.ok_or_else(|| Stop::new("`key create` says no key."))?.to_owned();
        Ok(Self { server, key })
    }

    fn document(&self) -> String {
        format!("http://{}/openapi.json", self.server.address())
    }

    /// Lints the document with the recommended rules, each of which counts, where npm can fetch the linter.
    pub fn lint(&self) -> Outcome {
        let npx = |arguments: &[&str]| {
            let mut npx = Command::new("npx");
            npx.args(["--yes", LINTER]).args(arguments);
            npx.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
            npx
        };
        if let Err(stop) = ask(&mut npx(&["--version"]), "fetch Redocly's linter") {
            left_out::note(stop);
            return Ok(());
        }
        let document = self.document();
        let mut lint = npx(&["lint", &document, "--extends=recommended-strict"]);
        run(&mut lint, "The API's document breaks a rule: Redocly says which, above.")
    }

    /// Sends what the document allows and what it does not, and compares the answers with it.
    pub fn try_out(&self, repository: &Repository, schemathesis: &Path) -> Outcome {
        let mut st = Command::new(schemathesis);
        st.arg("--config-file").arg(repository.path("end2end/api/schemathesis.toml"));
        st.args([
            "run",
            &self.document(),
            "--phases=examples,coverage,fuzzing,stateful",
            // Python 3.11 may fail where two threads parse at once (CPython gh-106905).
            "--workers=1",
        ]);
        st.args(["--max-time", TIME, "--max-examples", CASES, "--seed=1"]);
        st.args(["--generation-database=none", "--warnings=off"]);
        st.env("SAYSO_KEY", &self.key).env("PYTHONDONTWRITEBYTECODE", "1");
        st.env("SCHEMATHESIS_HOOKS", repository.path("end2end/api/hooks.py"));
        // It keeps what it found where it runs.
        st.current_dir(repository.target("schemathesis"));
        run(&mut st, "The server and its document differ: Schemathesis shows where, above.")
    }
}

/// Runs every example of `docs/connect.md` as it stands, with the Python that Schemathesis is in.
pub fn walk_examples(repository: &Repository, schemathesis: &Path, server: &Path) -> Outcome {
    let mut walk = Command::new(schemathesis.with_file_name("python"));
    walk.arg(repository.path("end2end/api/examples.py")).arg(server);
    walk.arg(repository.path(".")).arg(repository.target("examples"));
    run(&mut walk, "An example of docs/connect.md does not do what it says: it is named above.")
}
