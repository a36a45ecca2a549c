//! Decisions in the process itself.

use super::{super::figure::Figure, MANY, MILLION};
use crate::{
    outcome::{Outcome, Stop},
    process::ask,
};
use std::{path::Path, process::Command};

/// Budget for decisions a second on one core, in the process.
const CORE_BUDGET: f64 = 1_000_000.0;

/// Decides on one core, and sees what the index takes.
pub fn decide(gate: &Path) -> Outcome<Vec<Figure>> {
    let mut figures = Vec::new();
    for (people, called) in [(MILLION, "1 million"), (MANY, "10 million")] {
        let mut command = Command::new(gate);
        command.args(["measure", &people.to_string()]);
        let told = ask(&mut command, "measure the gate")?;
        let value = |name: &str| {
            let line = told.lines().find_map(|line| line.strip_prefix(name));
            let value = line.and_then(|rest| rest.trim().parse::<f64>().ok());
            value.ok_or_else(|| Stop::new(format!("The gate says no `{name}`.")))
        };
        let memory = value("memory MB")? / (f64::from(people) / f64::from(MILLION));
        figures.extend([
            Figure::new(format!("{called} people: index filled"), value("fill seconds")?, "s"),
            Figure::new(format!("{called} people: memory per million"), memory, "MB"),
            Figure::new(
                format!("{called} people: decisions on one core"),
                value("decisions /s")?,
                "/s",
            )
            .at_least(CORE_BUDGET),
        ]);
    }
    Ok(figures)
}
