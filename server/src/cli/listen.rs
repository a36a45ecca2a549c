//! Answering until somebody asks the program to stop.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;

/// How long answers that have begun may go on once the program is asked to stop. A feed that is
/// followed has no end of its own; whoever follows it connects again and goes on from their cursor.
const GRACE: Duration = Duration::from_secs(10);

/// Answers until the program is asked to stop (Ctrl+C or SIGTERM), and then brings what it has
/// begun to its end, within ten seconds.
///
/// # Errors
/// When the system can't take connections.
pub(super) async fn listen(listener: TcpListener, router: Router) -> io::Result<()> {
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    let answering = axum::serve(listener, router).with_graceful_shutdown(asked_to_stop());
    tokio::select! {
        done = answering => done,
        () = out_of_patience() => {
            tracing::warn!(seconds = GRACE.as_secs(), "ended with answers that were not at their end");
            Ok(())
        }
    }
}

async fn out_of_patience() {
    asked_to_stop().await;
    tokio::time::sleep(GRACE).await;
}

async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let kind = tokio::signal::unix::SignalKind::terminate();
        if let Ok(mut terminate) = tokio::signal::unix::signal(kind) {
            tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
            return;
        }
    }
    drop(interrupt.await);
}
