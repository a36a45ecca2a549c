//! A server with people that exist in its memory alone.

use super::super::{http::get, pages::CHOICES, running::Running};
use crate::outcome::{Outcome, Stop};
use std::{path::Path, process::Command};

/// Questions of one request in bulk.
pub const BULK: u32 = 2_000;

/// A server with a crowd in memory.
pub struct Crowd {
    /// The server.
    pub server: Running,
    people: u32,
    key: String,
    cookies: Vec<String>,
}

impl Crowd {
    /// Starts one with so many people.
    pub fn start(gate: &Path, people: u32) -> Outcome<Self> {
        let server = Running::start(Command::new(gate).args(["serve", &people.to_string()]))?;
        let said = |word: &str| -> Vec<String> {
            let lines = server.said().iter();
            lines.filter_map(|line| line.strip_prefix(word)).map(str::to_owned).collect()
        };
        let key = said("key ").pop().ok_or_else(|| Stop::new("The crowd has no key."))?;
        let mut connection = server.connect()?;
        let mut cookies = Vec::new();
        for token in said("link ") {
            let answer = connection.ask(&get(&format!("/c/{token}"), ""))?;
            cookies.push(answer.cookie.ok_or_else(|| Stop::new("A link has opened no visit."))?);
        }
        Ok(Self { server, people, key, cookies })
    }

    fn question(&self, number: u32) -> String {
        let number = number.wrapping_mul(2_654_435_761) % self.people;
        format!(
            "{{\"person\":{{\"email\":\"customer-{number}@example.com\"}},\"target\":\"message:offers/email\"}}"
        )
    }

    fn post(&self, path: &str, kind: &str, body: &str, bytes: &mut Vec<u8>) {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\
             content-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            self.key,
            body.len()
        );
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(body.as_bytes());
    }

    /// The request of one decision.
    pub fn decision(&self, number: u32, bytes: &mut Vec<u8>) {
        self.post("/api/v1/decisions", "application/json", &self.question(number), bytes);
    }

    /// The request of [`BULK`] decisions.
    pub fn bulk(&self, number: u32, bytes: &mut Vec<u8>) {
        let lines: Vec<String> =
            (0..BULK).map(|line| self.question(number.wrapping_mul(BULK) + line)).collect();
        self.post("/api/v1/decisions/bulk", "application/x-ndjson", &lines.join("\n"), bytes);
    }

    /// The request of a page.
    pub fn page(&self, number: u32, bytes: &mut Vec<u8>) {
        let place = usize::try_from(number).unwrap_or_default() % self.cookies.len().max(1);
        let cookie = self.cookies.get(place).map_or("", String::as_str);
        bytes.extend_from_slice(&get(CHOICES, &format!("cookie: {cookie}\r\n")));
    }
}
