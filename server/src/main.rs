//! The `sayso` program.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A page is made of many small allocations; this allocator takes a tenth off its cost.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    server::cli::main()
}
