//! `cargo xtask bench`: figures held against the budgets.

mod business;
mod choices;
mod crowd;
mod disk;
mod figure;
mod gate;
mod http;
mod load;
mod pages;
mod process_info;
pub mod running;
mod start;
mod table;
mod weight;
mod writes;

use crate::{
    outcome::{OrStop, Outcome, Stop},
    process::run,
    progress::Progress,
    repository::{Profile, Repository},
    server,
};
use clap::{Args, ValueEnum, value_parser};
use figure::Figure;
use std::{env::consts::EXE_SUFFIX, fs, path::PathBuf};

/// What to measure.
#[derive(Args)]
pub struct Options {
    /// The group of figures
    #[arg(value_enum, default_value = "choices")]
    name: Name,
    /// Customers to measure choices with; the budgets are meant for the default
    #[arg(long, default_value_t = 100_000, value_parser = value_parser!(u32).range(1_000..=1_000_000))]
    people: u32,
    /// Start the gate with ten million people in a database, too; loading them takes long, once
    #[arg(long)]
    ten_million: bool,
}

/// A group of figures that is measured in one run, so that its ratios mean something.
#[derive(Clone, Copy, ValueEnum)]
enum Name {
    /// What a customer's choice costs, from the page's weight on
    Choices,
    /// What a decision costs, alone and by the million
    Gate,
}

impl Name {
    fn text(self) -> &'static str {
        match self {
            Self::Choices => "choices",
            Self::Gate => "gate",
        }
    }
}

/// Builds one of the programs that the portal is measured by. They are a package of their own:
/// what the server's tests need would have everything compiled a second time, with other features.
fn yardstick(repository: &Repository, name: &str) -> Outcome<PathBuf> {
    let mut cargo = repository.cargo("build");
    cargo.args(["--package", "yardsticks", "--locked", "--release", "--bin", name]);
    run(&mut cargo, "A yardstick does not compile: the compiler says why, above.")?;
    Ok(repository.target("release").join(format!("{name}{EXE_SUFFIX}")))
}

/// Builds the release, measures it, prints the figures and writes `target/bench/<name>.json`.
/// A broken budget is a failure, after everything has been written.
pub fn measure(repository: &Repository, options: &Options) -> Outcome {
    let steps = match options.name {
        Name::Choices => choices::STEPS,
        Name::Gate => gate::STEPS[..=usize::from(options.ten_million)].iter().sum(),
    };
    let mut progress = Progress::new(server::STEPS + steps);
    server::build(repository, Profile::Release, &mut progress)?;
    let figures = match options.name {
        Name::Choices => choices::measure(repository, options.people, &mut progress)?,
        Name::Gate => gate::measure(repository, options.ten_million, &mut progress)?,
    };
    table::print(&figures);
    write(repository, options.name, &figures)?;
    if !cfg!(target_os = "linux") {
        eprintln!("Processor times and memory are measured on Linux only.");
    }
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
        Figure { holds, ..Figure::new(name, 1.0, "KB") }
    }

    #[test]
    fn a_broken_budget_is_named() {
        assert_eq!(verdict(&[figure("page", Some(true)), figure("style", None)]), Ok(()));
        let broken = verdict(&[figure("page", Some(false)), figure("script", Some(false))]);
        assert_eq!(broken, Err(Stop::new("Over budget: page, script.")));
    }
}
