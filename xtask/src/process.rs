//! Other programs: running them, asking them, and stopping them cleanly on Ctrl-C.

use crate::{
    outcome::{OrStop, Outcome, Stop},
    progress::Stopwatch,
};
use signal_hook::consts::{SIGINT, SIGTERM};
use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread::sleep,
    time::Duration,
};

const POLL: Duration = Duration::from_millis(20);
/// Ctrl-C reaches the whole terminal group: a child gets this long to leave by itself.
const GRACE: Duration = Duration::from_secs(10);
const LAST_GRACE: Duration = Duration::from_secs(3);

/// The number of the signal that asked us to stop; 0 while none has come.
static ASKED_TO_STOP: OnceLock<Arc<AtomicUsize>> = OnceLock::new();

/// From here on Ctrl-C and a polite kill no longer end this program at once: the running child is
/// ended first, [`run`] returns a [`Stop`], and whoever holds something to clean up is dropped.
pub fn clean_up_on_signals() -> Outcome {
    let flag = ASKED_TO_STOP.get_or_init(Arc::default);
    for signal in [SIGINT, SIGTERM] {
        let value = usize::try_from(signal).unwrap_or(1);
        signal_hook::flag::register_usize(signal, Arc::clone(flag), value)
            .or_stop("listen for Ctrl-C")?;
    }
    Ok(())
}

/// The signal that asked this program to stop, if any.
fn interrupted() -> Option<i32> {
    let signal = ASKED_TO_STOP.get()?.load(Ordering::Relaxed);
    i32::try_from(signal).ok().filter(|signal| *signal != 0)
}

/// Runs a program with this terminal as its own; `failed` is the sentence for a non-zero status.
pub fn run(command: &mut Command, failed: &str) -> Outcome {
    let name = command.get_program().to_string_lossy().into_owned();
    let stopped = || Stop::new("Stopped, as asked.");
    if interrupted().is_some() {
        return Err(stopped());
    }
    let mut child = command.spawn().or_stop(format_args!("start `{name}`"))?;
    loop {
        if let Some(status) = child.try_wait().or_stop(format_args!("wait for `{name}`"))? {
            return match (interrupted(), status.success()) {
                (Some(_), _) => Err(stopped()),
                (None, true) => Ok(()),
                (None, false) => Err(Stop::new(failed)),
            };
        }
        if let Some(signal) = interrupted() {
            end(&mut child, signal);
        }
        sleep(POLL);
    }
}

/// Runs a program silently and returns what it wrote; on failure its own words end the sentence.
pub fn ask(command: &mut Command, what: &str) -> Outcome<String> {
    let output = command.stdin(Stdio::null()).output().or_stop(what)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(words.trim().trim_end_matches('.').to_owned()).or_stop(what)
}

/// Whether this command can be started and succeeds; nothing is printed.
pub fn works<S: AsRef<OsStr>>(program: S, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The first folder of the PATH that holds all these programs.
pub fn folder_on_path(programs: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).find(|folder| holds(folder, programs))
}

/// Whether a folder holds all these programs.
pub fn holds(folder: &Path, programs: &[&str]) -> bool {
    programs.iter().all(|program| folder.join(program).is_file())
}

fn end(child: &mut Child, signal: i32) {
    if signal == SIGINT && left_within(child, GRACE) {
        return;
    }
    let id = child.id().to_string();
    works("kill", &["-TERM", &id]);
    if !left_within(child, LAST_GRACE) {
        child.kill().ok();
    }
}

fn left_within(child: &mut Child, time: Duration) -> bool {
    let watch = Stopwatch::start();
    while watch.elapsed() < time {
        if !matches!(child.try_wait(), Ok(None)) {
            return true;
        }
        sleep(POLL);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_program_stops_with_the_sentence_given() {
        let mut command = Command::new("cargo");
        command.arg("--version").stdout(Stdio::null());
        assert_eq!(run(&mut command, "unused"), Ok(()));
        let mut command = Command::new("cargo");
        command.arg("--no-such-flag").stderr(Stdio::null());
        let sentence = "The flag is unknown.";
        assert_eq!(run(&mut command, sentence), Err(Stop::new(sentence)));
    }

    #[test]
    fn a_program_that_is_not_there_does_not_work() {
        assert!(!works("no-such-program", &[]));
        assert_eq!(folder_on_path(&["cargo", "no-such-program"]), None);
    }
}
