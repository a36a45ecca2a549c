//! What a browser downloads, in brotli: the form that every current browser asks for.

use super::Figure;
use crate::outcome::{OrStop, Outcome, Stop};
use std::{fs, path::Path};

/// The budget for the WebAssembly with its JavaScript, in bytes.
const SCRIPT_BUDGET: u32 = 75_000;

/// Weighs the laid-out site.
pub fn weigh(site: &Path) -> Outcome<Vec<Figure>> {
    let (mut wasm, mut script) = (0, 0);
    for entry in fs::read_dir(site).or_stop_at("read", site)? {
        let entry = entry.or_stop_at("read", site)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let bytes = entry.metadata().or_stop_at("read", &entry.path())?.len();
        if name.ends_with(".wasm.br") {
            wasm += bytes;
        } else if name.ends_with(".js.br") {
            script += bytes;
        }
    }
    if wasm == 0 || script == 0 {
        return Err(Stop::new(format!("There is no WebAssembly to weigh in {}.", site.display())));
    }
    figures(wasm, script)
}

fn figures(wasm: u64, script: u64) -> Outcome<Vec<Figure>> {
    let both = wasm + script;
    Ok(vec![
        figure("WebAssembly, brotli", wasm)?,
        figure("JavaScript, brotli", script)?,
        Figure {
            budget: Some(format!("≤ {} KB", SCRIPT_BUDGET / 1000)),
            holds: Some(both <= SCRIPT_BUDGET.into()),
            ..figure("WebAssembly and JavaScript, brotli", both)?
        },
    ])
}

/// A kilobyte is a thousand bytes here, as it is on the wire.
fn figure(name: &str, bytes: u64) -> Outcome<Figure> {
    let bytes = u32::try_from(bytes).or_stop(format_args!("weigh {name}"))?;
    Ok(Figure {
        name: name.to_owned(),
        value: f64::from(bytes) / 1000.0,
        unit: "KB".to_owned(),
        budget: None,
        holds: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_for_both_together() {
        let holds = |wasm, script| figures(wasm, script).map(|figures| figures[2].holds);
        assert_eq!(holds(70_000, 5_000), Ok(Some(true)));
        assert_eq!(holds(70_000, 5_001), Ok(Some(false)));
    }
}
