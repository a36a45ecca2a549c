//! A server that runs while it is measured, and no longer.

use super::{http::Connection, process_info};
use crate::{
    outcome::{OrStop, Outcome, Stop},
    progress::Stopwatch,
};
use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

/// A running server; ended when dropped.
pub struct Running {
    child: Child,
    address: SocketAddr,
    said: Vec<String>,
    /// Open as long as the server: writing to a closed pipe would end it.
    _output: BufReader<ChildStdout>,
}

impl Running {
    /// Starts a server that says `Listening on http://…`, and waits until it has said so.
    pub fn start(command: &mut Command) -> Outcome<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .or_stop(format_args!("start `{name}`"))?;
        let output = child.stdout.take().map(BufReader::new);
        match output.map(listening) {
            Some(Ok((said, address, output))) => Ok(Self { child, address, said, _output: output }),
            told => {
                end(&mut child);
                let nothing = Stop::new(format!("`{name}` has no output."));
                Err(told.and_then(Result::err).unwrap_or(nothing))
            }
        }
    }

    /// The lines that it said before it listened.
    pub fn said(&self) -> &[String] {
        &self.said
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A new connection.
    pub fn connect(&self) -> Outcome<Connection> {
        Connection::open(self.address)
    }

    /// Processor time used so far; unknown outside Linux.
    pub fn processor_time(&self) -> Option<Duration> {
        process_info::processor_time(self.child.id())
    }

    /// Resident memory in megabytes; unknown outside Linux.
    pub fn resident_memory(&self) -> Option<f64> {
        process_info::resident_memory(self.child.id())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn end(child: &mut Child) {
    child.kill().ok();
    child.wait().ok();
}

type Told = (Vec<String>, SocketAddr, BufReader<ChildStdout>);

fn listening(mut output: BufReader<ChildStdout>) -> Outcome<Told> {
    let (mut said, mut line) = (Vec::new(), String::new());
    while output.read_line(&mut line).or_stop("read what the server says")? > 0 {
        if let Some(address) = address(&line) {
            return Ok((said, address, output));
        }
        said.push(line.trim_end().to_owned());
        line.clear();
    }
    Err(Stop::new("The server ended before it listened: its own words are above."))
}

fn address(line: &str) -> Option<SocketAddr> {
    line.trim().strip_prefix("Listening on http://")?.parse().ok()
}

/// Does something and says how many seconds it took.
pub fn timed<T>(work: impl FnOnce() -> Outcome<T>) -> Outcome<(T, f64)> {
    let watch = Stopwatch::start();
    let result = work()?;
    Ok((result, watch.elapsed().as_secs_f64()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_what_the_server_says() {
        let line = "Listening on http://127.0.0.1:41233\n";
        assert_eq!(address(line), "127.0.0.1:41233".parse().ok());
        assert_eq!(address("A customer's personal link: http://127.0.0.1:1/c/x\n"), None);
    }
}
