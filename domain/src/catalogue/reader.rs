//! Reads TOML tables while keeping count of every problem and its line.
