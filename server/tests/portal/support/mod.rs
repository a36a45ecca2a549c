//! What every test stands on: a portal of its own, and people who use it.

pub mod agent;
pub mod answer;
pub mod browser;
pub mod camera;
pub mod client;
pub mod confirmation;
pub mod dovecot;
pub mod letters;
pub mod life;
pub mod page;
pub mod place;
pub mod portal;
pub mod ports;
pub mod receiver;
pub mod scene;
pub mod sink;

pub use answer::Answer;
pub use browser::Browser;
pub use client::Key;
pub use page::Page;
pub use place::Engine;
pub use portal::{Customer, Newcomer, TestPortal};

use app::texts::Texts;
use domain::Language;

/// The texts of most tests' pages.
pub const ENGLISH: &Texts = Texts::of(Language::English);

/// Stamps tests for SQLite and PostgreSQL.
macro_rules! on_both_engines {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            use crate::support::{Engine, TestPortal};
            $(#[tokio::test]
            async fn $test() {
                TestPortal::run(Engine::Sqlite, super::$test).await;
            })*
        }
        mod postgres {
            use crate::support::{Engine, TestPortal};
            $(#[tokio::test]
            async fn $test() {
                TestPortal::run(Engine::Postgres, super::$test).await;
            })*
        }
    };
}

/// Stamps tests whose engine makes no difference.
macro_rules! on_sqlite {
    ($($test:ident),* $(,)?) => {
        mod sqlite_alone {
            use crate::support::{Engine, TestPortal};
            $(#[tokio::test]
            async fn $test() {
                TestPortal::run(Engine::Sqlite, super::$test).await;
            })*
        }
    };
}

pub(crate) use {on_both_engines, on_sqlite};
