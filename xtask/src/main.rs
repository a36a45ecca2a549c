//! The repository's own commands: `cargo xtask <command>`.

mod bench;
mod check;
mod outcome;
mod process;
mod progress;
mod repository;
mod server;
mod site;

use clap::{Args, Parser};
use outcome::Outcome;
use progress::Progress;
use repository::{Profile, Repository};
use std::{ffi::OsString, process::ExitCode};

/// The repository's own commands.
#[derive(Parser)]
#[command(name = "xtask", bin_name = "cargo xtask")]
enum Command {
    /// Lay out what a browser downloads, in target/site
    Site,
    /// Lay the site out and build the server that embeds it
    Build(BuildOptions),
    /// Build the server and start it with the example business
    Serve(ServeOptions),
    /// Check and test everything, in order, up to the first failure
    Test(check::Options),
    /// Measure against the budgets
    Bench(bench::Options),
}

#[derive(Args)]
struct BuildOptions {
    /// Optimise, for running it in earnest
    #[arg(long)]
    release: bool,
}

#[derive(Args)]
struct ServeOptions {
    /// Optimise, for running it in earnest
    #[arg(long)]
    release: bool,
    /// Passed on to the server, such as `--port 8080`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

fn main() -> ExitCode {
    match execute(Command::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => {
            eprintln!("{stop}");
            ExitCode::FAILURE
        }
    }
}

fn execute(command: Command) -> Outcome {
    let repository = Repository::find()?;
    match command {
        Command::Site => site::lay_out(&repository, &mut Progress::new(site::STEPS)),
        Command::Build(options) => {
            let progress = &mut Progress::new(server::STEPS);
            server::build(&repository, profile(options.release), progress).map(drop)
        }
        Command::Serve(options) => {
            let profile = profile(options.release);
            server::serve(&repository, profile, &options.arguments)
        }
        Command::Test(options) => check::everything(&repository, &options),
        Command::Bench(options) => bench::measure(&repository, &options),
    }
}

fn profile(release: bool) -> Profile {
    if release { Profile::Release } else { Profile::Dev }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Command::command().debug_assert();
    }

    #[test]
    fn serve_keeps_its_own_flag_and_passes_the_rest_on() {
        let line = ["xtask", "serve", "--release", "--port", "8080"];
        let Ok(Command::Serve(options)) = Command::try_parse_from(line) else {
            panic!("serve takes any argument");
        };
        assert!(options.release);
        assert_eq!(options.arguments, ["--port", "8080"]);
    }

    #[test]
    fn a_bad_argument_exits_with_two() {
        for line in [["xtask", "nonsense"], ["xtask", "--nonsense"]] {
            let code = Command::try_parse_from(line).map(drop).map_err(|error| error.exit_code());
            assert_eq!(code, Err(2));
        }
    }
}
