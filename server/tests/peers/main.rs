//! The program and other people's: mail servers, a signer, a mail client's library, a name server.
//!
//! Each of them runs on this machine, in a folder of the test's own, on ports of its own, and is
//! gone afterwards. Where one is not installed its tests say so and end; with `SAYSO_REQUIRE_…=1`
//! they fail instead.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod authority;
mod bounce;
mod campaign;
mod deliver;
mod dns;
#[path = "../portal/support/dovecot.rs"]
mod dovecot;
mod mailbox;
mod one_click;
mod pipe;
mod place;
mod portal;
mod postfix;
mod python;
mod signatures;

use std::time::Duration;

use tokio::net::TcpListener;

/// Whether a test has what it needs. Where that is asked for, it must.
fn has(there: bool, name: &str) -> bool {
    let variable = format!("SAYSO_REQUIRE_{}", name.to_ascii_uppercase());
    let required = std::env::var(&variable).is_ok_and(|is| is == "1");
    assert!(there || !required, "{variable} is set, but {name} can't be run here");
    if !there {
        eprintln!("skipped: {name} can't be run here");
    }
    there
}

/// A port that nobody listens at.
async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

/// Waits until something is there, and fails where it takes too long.
async fn soon<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..300 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("waited in vain for {what}");
}
