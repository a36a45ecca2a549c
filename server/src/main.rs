//! The `sayso` program.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A page is made of many small allocations; this allocator takes a tenth off its cost. Without
/// huge pages, which would keep half as much again resident in an idle portal.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    server::cli::main()
}
