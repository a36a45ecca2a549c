//! What knows who may be reached: the portal, or a snapshot of it.

use std::future::Future;
use std::sync::Arc;

use domain::Target;

use super::{FilterError, Judge, Passed, Subject};
use crate::index::Table;
use crate::service::Service;
use crate::snapshot::Offline;

/// What knows who may be reached.
pub trait Gatekeeper {
    /// Where phone numbers without a country code are read (ISO 3166-1 alpha-2).
    fn home(&self) -> String;

    /// What becomes of some rows, each with those whom it names; none where that can't be read.
    /// A row passes only if everyone may be reached.
    fn pass(
        &self,
        rows: &[Option<&[Subject]>],
        target: &Target,
    ) -> impl Future<Output = Result<Vec<Passed>, FilterError>>;
}

impl Gatekeeper for Service {
    fn home(&self) -> String {
        self.notices.current().catalogue.controller.country.clone()
    }

    async fn pass(
        &self,
        rows: &[Option<&[Subject]>],
        target: &Target,
    ) -> Result<Vec<Passed>, FilterError> {
        let subjects: Vec<&Subject> = rows.iter().flatten().copied().flatten().collect();
        let judge_all = |judge: &Judge<'_>, table: &Table| -> Vec<Passed> {
            let asked: Vec<_> = subjects.iter().map(|who| (*who, target)).collect();
            let verdicts = judge.decide_all(table, &asked);
            let mut decisions = verdicts.iter().map(|verdict| verdict.decision);
            let judge_row = |row: Option<&[Subject]>| {
                let Some(subjects) = row else { return Passed::Unreadable };
                let own: Vec<_> = decisions.by_ref().take(subjects.len()).collect();
                if own.len() < subjects.len() {
                    return Passed::Denied;
                }
                let no = own.iter().find(|decision| !decision.allowed);
                no.map_or(Passed::Allowed, |decision| Passed::Held(decision.reason))
            };
            rows.iter().copied().map(judge_row).collect()
        };
        Ok(self.judge(&subjects, judge_all).await?)
    }
}

impl Gatekeeper for Offline {
    fn home(&self) -> String {
        Self::home(self).to_owned()
    }

    async fn pass(
        &self,
        rows: &[Option<&[Subject]>],
        target: &Target,
    ) -> Result<Vec<Passed>, FilterError> {
        let pass = |row: Option<&[Subject]>| {
            let Some(subjects) = row else { return Ok(Passed::Unreadable) };
            for who in subjects {
                if !self.allows(who, target)? {
                    return Ok(Passed::Denied);
                }
            }
            Ok(Passed::Allowed)
        };
        rows.iter().copied().map(pass).collect()
    }
}

impl<G: Gatekeeper> Gatekeeper for Arc<G> {
    fn home(&self) -> String {
        G::home(self)
    }

    async fn pass(
        &self,
        rows: &[Option<&[Subject]>],
        target: &Target,
    ) -> Result<Vec<Passed>, FilterError> {
        G::pass(self, rows, target).await
    }
}
