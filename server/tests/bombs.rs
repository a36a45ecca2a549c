//! Bodies that grow a thousandfold when they are unpacked: the program answers clearly or breaks
//! off, and needs no more memory for them than for others.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod served;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use served::Portal;

/// Bytes of an unpacked bomb.
const UNPACKED: usize = 96 << 20;
/// Kilobytes by which the most that the program ever held may grow.
const ROOM: u64 = 40 << 10;

impl Portal {
    /// Posts a body, reading meanwhile; says the head of the answer and how much came behind it.
    fn posts(&self, path: &str, fields: &str, body: &[u8]) -> (String, usize) {
        let mut wire = TcpStream::connect(&self.address).unwrap();
        wire.set_read_timeout(Some(Duration::from_mins(2))).unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\nconnection: close\r\n\
             {fields}content-length: {}\r\n\r\n",
            self.address,
            self.key,
            body.len()
        );
        let mut sending = wire.try_clone().unwrap();
        thread::scope(|scope| {
            // Whoever is refused may find the door shut while still sending.
            scope.spawn(move || drop(sending.write_all(&[head.as_bytes(), body].concat())));
            let (mut answer, mut buffer, mut read) = (Vec::new(), vec![0; 1 << 16], 0);
            while let Ok(more @ 1..) = wire.read(&mut buffer) {
                read += more;
                answer.extend_from_slice(
                    &buffer[..more.min(4096_usize.saturating_sub(answer.len()))],
                );
            }
            let text = String::from_utf8_lossy(&answer).into_owned();
            (text, read)
        })
    }

    /// Kilobytes of memory: the most that it ever held.
    fn most(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

fn gzip(block: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..UNPACKED / block.len() {
        packed.write_all(block).unwrap();
    }
    packed.finish().unwrap()
}

fn zstd(block: &[u8]) -> Vec<u8> {
    let mut packed = zstd::Encoder::new(Vec::new(), 1).unwrap();
    for _ in 0..UNPACKED / block.len() {
        packed.write_all(block).unwrap();
    }
    packed.finish().unwrap()
}

#[test]
fn a_body_that_unpacks_to_a_thousand_times_as_much_is_refused_in_bounded_memory() {
    const BULK: &str = "/api/v1/decisions/bulk?target=message:offers/email";
    let scopes = ["decide", "choices", "reconcile"].map(|scope| ["--scope", scope]);
    let portal = Portal::start("bombs", scopes.as_flattened());
    let question = b"{\"person\":{\"email\":\"mira@example.com\"}}\n";
    let lines = "content-type: application/x-ndjson\r\n";
    let table = "content-type: text/csv\r\n";
    let (warm, _) = portal.posts(BULK, lines, &question.repeat(50_000));
    assert!(warm.starts_with("HTTP/1.1 200"), "{warm}");
    let before = portal.most();
    let endless = vec![b'a'; 1 << 20];
    for (coding, packed) in [("gzip", gzip(&endless)), ("zstd", zstd(&endless))] {
        let coding = format!("content-encoding: {coding}\r\n");
        // Lines are answered as they come, so what is wrong shows as an answer that breaks off.
        let (answer, read) = portal.posts(BULK, &format!("{lines}{coding}"), &packed);
        assert!(!answer.contains("\"allow\""), "{answer}");
        assert!(!answer.ends_with("0\r\n\r\n") && read < 4096, "it breaks off: {answer}");
        let (answer, _) = portal.posts(BULK, &format!("{table}{coding}"), &packed);
        assert!(answer.starts_with("HTTP/1.1 422"), "{answer}");
        // What takes no packed bodies says so, or reads it as the nonsense that it is.
        for path in ["/api/v1/decisions", "/api/v1/choices", "/api/v1/choices/bulk"] {
            let json = "content-type: application/json\r\n";
            let (answer, _) = portal.posts(path, &format!("{json}{coding}"), &packed);
            let refused = ["400", "413", "415", "422"].map(|code| format!("HTTP/1.1 {code}"));
            assert!(refused.iter().any(|head| answer.starts_with(head)), "{path}: {answer}");
        }
    }
    let after = portal.most();
    assert!(after < before + ROOM, "it held {before} kB at the most, then {after} kB");
    let (answer, _) = portal.posts(BULK, lines, question);
    assert!(answer.contains("\"decision\":"), "it still answers: {answer}");
}
