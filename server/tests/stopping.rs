//! The program ends when it is asked to, and what it has begun comes to its end.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod served;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use served::Portal;

/// The key of a system that follows what changes.
const FOLLOWER: &[&str] = &["--scope", "changes", "--system", "warehouse"];

impl Portal {
    /// Asks for what changes; the answer is not read yet.
    fn asks(&self, search: &str, accept: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        write!(
            stream,
            "GET /api/v1/changes?{search} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
             accept: {accept}\r\nconnection: close\r\n\r\n",
            self.address, self.key
        )
        .unwrap();
        stream
    }

    fn is_asked_to_stop(&self) {
        let kill = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(kill.success());
    }

    /// Whether it ends well within twenty seconds.
    fn ends(&mut self) -> bool {
        for _ in 0..200 {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        false
    }
}

fn body(mut answer: TcpStream) -> Value {
    let mut text = String::new();
    answer.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    serde_json::from_str(body).unwrap()
}

#[test]
fn whoever_follows_the_feed_does_not_hold_it_up() {
    let mut portal = Portal::start("followed", FOLLOWER);
    let mut feed = BufReader::new(portal.asks("after=0", "text/event-stream"));
    let mut line = String::new();
    while !line.starts_with("data: ") {
        line.clear();
        assert!(feed.read_line(&mut line).unwrap() > 0, "it ended before anything was told");
    }
    portal.is_asked_to_stop();
    assert!(portal.ends(), "it waits for a feed that has no end");
}

#[test]
fn an_answer_that_has_begun_is_given() {
    let mut portal = Portal::start("answering", FOLLOWER);
    let mut next = 0;
    loop {
        let found = body(portal.asks(&format!("after={next}"), "application/json"));
        if found["changes"].as_array().unwrap().is_empty() {
            break;
        }
        next = found["next"].as_i64().unwrap();
    }
    let waiting = portal.asks(&format!("after={next}&wait=3"), "application/json");
    std::thread::sleep(Duration::from_millis(500));
    portal.is_asked_to_stop();
    assert_eq!(body(waiting)["next"], next, "nothing came, and that was said");
    assert!(portal.ends());
}
