//! How fast the disk makes writes durable, so that readers can judge the rate of choices.

use super::figure::Figure;
use crate::{
    outcome::{OrStop, Outcome},
    progress::Stopwatch,
};
use std::{
    fs::{self, File},
    io::{Result, Seek, Write},
    path::Path,
};

const WRITES: u32 = 500;
const PAGE: [u8; 4096] = [1; 4096];

/// Overwrites a file page by page (4 KiB), as a database's log does, and waits for each page.
pub fn probe(name: &str, path: &Path) -> Outcome<Figure> {
    let seconds = probe_seconds(path).or_stop_at("write", path)?;
    fs::remove_file(path).or_stop_at("remove", path)?;
    Ok(Figure::new(name, f64::from(WRITES) / seconds, "/s"))
}

fn probe_seconds(path: &Path) -> Result<f64> {
    let mut file = File::create(path)?;
    for _ in 0..WRITES {
        file.write_all(&PAGE)?;
    }
    file.sync_all()?;
    file.rewind()?;
    let watch = Stopwatch::start();
    for _ in 0..WRITES {
        file.write_all(&PAGE)?;
        file.sync_data()?;
    }
    Ok(watch.elapsed().as_secs_f64())
}
