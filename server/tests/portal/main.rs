//! The portal, tested in process: its store on both engines, and every page as people use it.
//!
//! Each test has a portal of its own, with a clock that only the test moves, seeded chance, and a
//! mailbox in memory that must be empty at the end. With `SAYSO_TEST_POSTGRES_URL` set, the same
//! tests run on PostgreSQL too; `SAYSO_REQUIRE_POSTGRES=1` fails where it is missing.
//!
//! Ids such as L-05 name rows of the requirements.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod agent_cases;
mod agents;
mod agreement;
mod answers;
mod api_changes;
mod api_choices;
mod api_choices_bulk;
mod api_decisions;
mod api_deliveries;
mod api_document;
mod api_events;
mod api_keys;
mod api_limits;
mod api_people;
mod api_problems;
mod api_reconcile;
mod assurance;
mod bad_input;
mod bounces;
mod choices;
mod closing;
mod codes;
mod confirmations;
mod cross_site;
mod decisions;
mod deliveries;
mod doors;
mod expiry;
mod exports;
mod follower;
mod gate;
mod gpc;
mod gpp;
mod headers;
mod heads;
mod import;
mod index;
mod kit;
mod language;
mod ledger;
mod letter_undo;
mod letters;
mod links;
mod mail_bad;
mod mailbox;
mod mailcheck;
mod newcomers;
mod notices;
mod one_click;
mod opt_out;
mod outage;
mod outbox;
mod paper;
mod press;
mod private;
mod progress;
mod receipt_commands;
mod receipt_rules;
mod receipts;
mod replies;
mod sessions;
mod signal_bad;
mod smtp;
mod snapshot_rules;
mod snapshots;
mod snippet;
mod start;
mod store;
mod support;
mod tamper;
mod texts;
mod timing;
mod undo;
mod unsubscribe_headers;
mod verify;
mod webhooks;
