//! A system that takes webhooks: a real receiver on this machine.

use crate::{
    outcome::{OrStop, Outcome, Stop},
    progress::Stopwatch,
};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

/// It obeys at once.
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
    content-length: 21\r\n\r\n{\"acknowledged\":true}";

/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// What came so far.
#[derive(Default)]
struct Post {
    count: AtomicU32,
    /// Microseconds at which the first and the last came.
    first: AtomicU64,
    last: AtomicU64,
}

/// A receiver that answers until this program ends.
pub struct Receiver {
    address: SocketAddr,
    post: Arc<Post>,
}

impl Receiver {
    /// Begins to listen.
    pub fn start() -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").or_stop("listen for webhooks")?;
        let address = listener.local_addr().or_stop("listen for webhooks")?;
        let post = Arc::new(Post::default());
        let (shared, watch) = (Arc::clone(&post), Arc::new(Stopwatch::start()));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (post, watch) = (Arc::clone(&shared), Arc::clone(&watch));
                thread::spawn(move || answer(stream, &post, &watch));
            }
        });
        Ok(Self { address, post })
    }

    /// Where webhooks go.
    pub fn url(&self) -> String {
        format!("http://{}/webhooks", self.address)
    }

    /// Waits for so many, and says how many seconds went by from the first to the last.
    pub fn wait(&self, count: u32, patience: Duration) -> Outcome<f64> {
        let watch = Stopwatch::start();
        while self.post.count.load(Ordering::Acquire) < count {
            if watch.elapsed() > patience {
                let came = self.post.count.load(Ordering::Acquire);
                return Err(Stop::new(format!("{came} of {count} webhooks came in time.")));
            }
            thread::sleep(LOOK);
        }
        let at = |moment: &AtomicU64| Duration::from_micros(moment.load(Ordering::Acquire));
        Ok(at(&self.post.last).saturating_sub(at(&self.post.first)).as_secs_f64())
    }
}

/// Answers one connection until it ends.
fn answer(stream: TcpStream, post: &Post, watch: &Stopwatch) {
    stream.set_nodelay(true).ok();
    let mut stream = BufReader::new(stream);
    while let Some(length) = head(&mut stream) {
        let mut body = vec![0; length];
        if stream.read_exact(&mut body).is_err() {
            return;
        }
        let now = u64::try_from(watch.elapsed().as_micros()).unwrap_or(u64::MAX);
        post.first.compare_exchange(0, now, Ordering::AcqRel, Ordering::Acquire).ok();
        post.last.fetch_max(now, Ordering::AcqRel);
        post.count.fetch_add(1, Ordering::AcqRel);
        if stream.get_mut().write_all(ANSWER).is_err() {
            return;
        }
    }
}

/// Reads the head of a request; returns the length of its body.
fn head(stream: &mut impl BufRead) -> Option<usize> {
    let (mut line, mut length) = (String::new(), 0);
    loop {
        line.clear();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let field = line.trim_end();
        if field.is_empty() {
            return Some(length);
        }
        if let Some((name, value)) = field.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_posted_is_counted_and_answered() {
        let receiver = Receiver::start().unwrap();
        let mut stream = TcpStream::connect(receiver.address).unwrap();
        for _ in 0..3 {
            stream.write_all(b"POST /x HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}").unwrap();
            let mut answer = vec![0; ANSWER.len()];
            stream.read_exact(&mut answer).unwrap();
            assert_eq!(answer, ANSWER);
        }
        assert!(receiver.wait(3, Duration::from_secs(1)).is_ok());
        assert!(receiver.wait(4, Duration::ZERO).is_err());
    }
}
