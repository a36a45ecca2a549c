//! The portal, as the program serves it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};

use crate::place::Place;
use crate::soon;

/// A running portal; it ends with the test.
pub struct Portal {
    child: Child,
    /// Where it listens.
    pub address: String,
    complaints: Arc<Mutex<String>>,
}

impl Drop for Portal {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Portal {
    /// Starts it, trusting an authority of one's own as the whole machine would.
    pub fn starts(place: &Place, words: &[&str], authority: Option<&Path>) -> Self {
        let mut serve = place.command(&[&["serve", "--port", "0"], words].concat());
        if let Some(authority) = authority {
            serve.env("SSL_CERT_FILE", authority);
        }
        serve.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = serve.spawn().unwrap();
        let complaints = Arc::new(Mutex::new(String::new()));
        let (heard, said) = (Arc::clone(&complaints), child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in BufReader::new(said).lines().map_while(Result::ok) {
                let mut heard = heard.lock().unwrap();
                heard.push_str(&line);
                heard.push('\n');
            }
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.find_map(|line| {
            line.unwrap().strip_prefix("Listening on http://").map(ToOwned::to_owned)
        });
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address: address.expect("it ended"), complaints }
    }

    /// Posts a form; says how it was answered.
    pub fn posts(&self, path: &str, form: &str) -> String {
        let mut wire = TcpStream::connect(&self.address).unwrap();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            self.address,
            form.len()
        );
        wire.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        wire.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    }

    /// Waits until it has complained of something.
    pub async fn complains(&self, of: &str) {
        let heard = async || self.complaints.lock().unwrap().contains(of).then_some(());
        soon(of, heard).await;
    }
}
