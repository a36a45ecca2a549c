//! `cargo xtask bench`: figures held against the budgets.

mod table;
mod weight;

use crate::{
    outcome::{OrStop, Outcome, Stop},
    progress::Progress,
    repository::{Profile, Repository},
    server,
};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::fs;

/// What to measure.
#[derive(Args)]
pub struct Options {
    /// The group of figures
    #[arg(value_enum, default_value = "choices")]
    name: Name,
}

/// A group of figures that is measured in one run, so that its ratios mean something.
#[derive(Clone, Copy, ValueEnum)]
enum Name {
    /// What a customer's choice costs, from the page's weight on
    Choices,
}

impl Name {
    fn text(self) -> &'static str {
        match self {
            Self::Choices => "choices",
        }
    }
}

/// One measured figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// How much it was, in `unit`.
    pub value: f64,
    /// The unit, as it is printed behind the value.
    pub unit: String,
    /// The budget in words, where there is one.
    pub budget: Option<String>,
    /// Whether the value keeps to its budget.
    pub holds: Option<bool>,
}

/// Builds the release, measures it, prints the figures and writes `target/bench/<name>.json`.
/// A broken budget is a failure, after everything has been written.
pub fn measure(repository: &Repository, options: &Options) -> Outcome {
    let mut progress = Progress::new(server::STEPS + 1);
    server::build(repository, Profile::Release, &mut progress)?;
    let figures = progress
        .quiet("Weighing what a browser downloads", || weight::weigh(&repository.site()))?;
    table::print(&figures);
    write(repository, options.name, &figures)?;
    verdict(&figures)
}

fn write(repository: &Repository, name: Name, figures: &[Figure]) -> Outcome {
    let folder = repository.target("bench");
    fs::create_dir_all(&folder).or_stop_at("create", &folder)?;
    let path = folder.join(format!("{}.json", name.text()));
    let json = serde_json::to_string_pretty(figures).or_stop("write the figures")?;
    fs::write(&path, json).or_stop_at("write", &path)
}

fn verdict(figures: &[Figure]) -> Outcome {
    let broken: Vec<&str> = figures
        .iter()
        .filter(|figure| figure.holds == Some(false))
        .map(|figure| figure.name.as_str())
        .collect();
    if broken.is_empty() {
        Ok(())
    } else {
        Err(Stop::new(format!("Over budget: {}.", broken.join(", "))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(name: &str, holds: Option<bool>) -> Figure {
        Figure { name: name.to_owned(), value: 1.0, unit: "KB".to_owned(), budget: None, holds }
    }

    #[test]
    fn a_broken_budget_is_named() {
        assert_eq!(verdict(&[figure("page", Some(true)), figure("style", None)]), Ok(()));
        let broken = verdict(&[figure("page", Some(false)), figure("script", Some(false))]);
        assert_eq!(broken, Err(Stop::new("Over budget: page, script.")));
    }
}
