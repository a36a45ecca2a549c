//! A bare handler: answers every request with the bytes of one file. What the portal's own pages
//! are measured against by `cargo xtask bench`.
//!
//! Arguments: the file. Prints the address that it listens on.

use axum::Router;
use axum::body::Bytes;
use axum::http::header;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let file = std::env::args().nth(1).unwrap_or_default();
    let body = Bytes::from(std::fs::read(file)?);
    let answer = move || {
        let body = body.clone();
        async move { ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], body) }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    server::cli::say(format_args!("Listening on http://{}", listener.local_addr()?));
    axum::serve(listener, Router::new().fallback(answer)).await
}
