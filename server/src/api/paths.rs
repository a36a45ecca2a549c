//! Every URL of the API, spelled once.

/// Where the API begins.
pub const ROOT: &str = "/api";
/// Whatever else lies under it.
pub const REST: &str = "/api/{*rest}";
/// The key that a client calls with.
pub const KEY: &str = "/api/v1/key";
/// What is known of a kind of problem; its slug follows.
pub const PROBLEM: &str = "/problems/{slug}";
