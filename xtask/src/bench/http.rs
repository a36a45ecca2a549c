//! As much of an HTTP/1.1 client as measuring needs: one connection, one request at a time.
//!
//! Requests are bytes made by the caller. The path that is measured parses no more of an answer
//! than its length: xtask is compiled without optimisation, and shares the server's processors.

use crate::outcome::{OrStop, Outcome};
use std::{
    io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// A server that is silent for this long is broken, not slow.
const PATIENCE: Duration = Duration::from_secs(30);

/// Holds the largest page whole, so that it is read with one call.
const BUFFER: usize = 256 * 1024;

/// A connection that is kept open.
pub struct Connection {
    stream: BufReader<TcpStream>,
    line: Vec<u8>,
}

/// An answer.
#[derive(Debug, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Name and value of the first cookie that is set.
    pub cookie: Option<String>,
    /// The body as it was sent: compressed, where a coding was asked for.
    pub body: Vec<u8>,
}

struct Head {
    status: u16,
    length: Length,
    cookie: Option<String>,
}

#[derive(Clone, Copy)]
enum Length {
    Bytes(u64),
    Chunks,
}

impl Connection {
    /// Connects to a server on this machine.
    pub fn open(address: SocketAddr) -> Outcome<Self> {
        let connect = || -> Result<Self> {
            let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.set_write_timeout(Some(PATIENCE))?;
            let stream = BufReader::with_capacity(BUFFER, stream);
            Ok(Self { stream, line: Vec::new() })
        };
        connect().or_stop(format_args!("connect to {address}"))
    }

    /// Asks and returns the whole answer.
    pub fn ask(&mut self, request: &[u8]) -> Outcome<Answer> {
        self.exchange(request, |stream, line, head| {
            let body = body(stream, line, head.length)?;
            Ok(Answer { status: head.status, cookie: head.cookie, body })
        })
    }

    /// Asks and returns the status alone.
    pub fn status(&mut self, request: &[u8]) -> Outcome<u16> {
        self.exchange(request, |stream, line, head| {
            match head.length {
                Length::Bytes(length) => skip(stream, length)?,
                Length::Chunks => drop(body(stream, line, Length::Chunks)?),
            }
            Ok(head.status)
        })
    }

    fn exchange<T>(
        &mut self,
        request: &[u8],
        rest: impl FnOnce(&mut BufReader<TcpStream>, &mut Vec<u8>, Head) -> Result<T>,
    ) -> Outcome<T> {
        let exchange = || {
            self.stream.get_mut().write_all(request)?;
            let head = head(&mut self.stream, &mut self.line)?;
            rest(&mut self.stream, &mut self.line, head)
        };
        exchange().or_stop("read the server's answer")
    }
}

/// A GET request with further header lines, each with its end.
pub fn get(path: &str, fields: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{fields}\r\n").into_bytes()
}

fn malformed(what: &'static str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

fn head(stream: &mut impl BufRead, line: &mut Vec<u8>) -> Result<Head> {
    let status = next_line(stream, line)?;
    let status = std::str::from_utf8(status).ok().and_then(|line| line.get(9..12)?.parse().ok());
    let status = status.ok_or_else(|| malformed("the first line has no status"))?;
    let mut head = Head { status, length: Length::Bytes(0), cookie: None };
    loop {
        let line = next_line(stream, line)?;
        if line.is_empty() {
            return Ok(head);
        }
        field(line, &mut head)?;
    }
}

fn field(line: &[u8], head: &mut Head) -> Result<()> {
    let line = String::from_utf8_lossy(line);
    let Some((name, value)) = line.split_once(':') else { return Ok(()) };
    let value = value.trim();
    if name.eq_ignore_ascii_case("content-length") {
        let length = value.parse().map_err(|_| malformed("the length is not a number"))?;
        head.length = Length::Bytes(length);
    } else if name.eq_ignore_ascii_case("transfer-encoding") {
        head.length = Length::Chunks;
    } else if name.eq_ignore_ascii_case("set-cookie") {
        head.cookie = value.split(';').next().map(str::to_owned);
    }
    Ok(())
}

/// The next line without its end.
fn next_line<'a>(stream: &mut impl BufRead, line: &'a mut Vec<u8>) -> Result<&'a [u8]> {
    line.clear();
    stream.read_until(b'\n', line)?;
    line.strip_suffix(b"\r\n").ok_or_else(|| ErrorKind::UnexpectedEof.into())
}

fn body(stream: &mut impl BufRead, line: &mut Vec<u8>, length: Length) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    if let Length::Bytes(length) = length {
        take(stream, length, &mut body)?;
        return Ok(body);
    }
    loop {
        let size = String::from_utf8_lossy(next_line(stream, line)?);
        let size = u64::from_str_radix(size.split(';').next().unwrap_or_default(), 16)
            .map_err(|_| malformed("a chunk has no length"))?;
        take(stream, size, &mut body)?;
        if !next_line(stream, line)?.is_empty() {
            return Err(malformed("a chunk is longer than it says"));
        }
        if size == 0 {
            return Ok(body);
        }
    }
}

fn take(stream: &mut impl BufRead, length: u64, into: &mut Vec<u8>) -> Result<()> {
    let read = stream.take(length).read_to_end(into)?;
    if u64::try_from(read) == Ok(length) { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) }
}

fn skip(stream: &mut impl BufRead, mut length: u64) -> Result<()> {
    while length > 0 {
        let held = stream.fill_buf()?.len();
        if held == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let skipped = usize::try_from(length).map_or(held, |length| length.min(held));
        stream.consume(skipped);
        length -= u64::try_from(skipped).unwrap_or(length);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut bytes: &[u8]) -> Result<Answer> {
        let mut line = Vec::new();
        let head = head(&mut bytes, &mut line)?;
        let body = body(&mut bytes, &mut line, head.length)?;
        Ok(Answer { status: head.status, cookie: head.cookie, body })
    }

    #[test]
    fn a_body_ends_where_its_length_says() {
        let answer =
            read(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nvary: x\r\n\r\npageHTTP/1.1 404");
        let expected = Answer { status: 200, cookie: None, body: b"page".to_vec() };
        assert_eq!(answer.unwrap(), expected);
    }

    #[test]
    fn chunks_are_put_together() {
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        let answer = read(format!("{head}3\r\npag\r\n1;x=y\r\ne\r\n0\r\n\r\n").as_bytes());
        assert_eq!(answer.unwrap().body, b"page");
        assert!(read(format!("{head}2\r\npag\r\n").as_bytes()).is_err());
    }

    #[test]
    fn a_cookie_is_kept_without_its_attributes() {
        let answer =
            read(b"HTTP/1.1 303 See Other\r\nset-cookie: __Host-visit=a1=; Path=/\r\n\r\n");
        assert_eq!(answer.unwrap().cookie.as_deref(), Some("__Host-visit=a1="));
    }

    #[test]
    fn an_answer_that_breaks_off_is_an_error() {
        let whole = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\npage";
        assert!((0..whole.len()).all(|length| read(&whole[..length]).is_err()));
        let mut rest = &b"pag"[..];
        assert!(skip(&mut rest, 4).is_err());
    }
}
