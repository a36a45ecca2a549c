//! What a browser downloads, in brotli: the form that every current browser asks for.

use super::figure::Figure;
use crate::outcome::{OrStop, Outcome, Stop};
use std::{fs, path::Path};

/// The budget for the WebAssembly with its JavaScript, in kilobytes.
const SCRIPT_BUDGET: f64 = 75.0;

/// Weighs the laid-out site.
pub fn weigh(site: &Path) -> Outcome<Vec<Figure>> {
    let (mut wasm, mut script) = (0, 0);
    for entry in fs::read_dir(site).or_stop_at("read", site)? {
        let entry = entry.or_stop_at("read", site)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let bytes = entry.metadata().or_stop_at("read", &entry.path())?.len();
        let bytes = u32::try_from(bytes).or_stop(format_args!("weigh {name}"))?;
        if name.ends_with(".wasm.br") {
            wasm += bytes;
        } else if name.ends_with(".js.br") {
            script += bytes;
        }
    }
    if wasm == 0 || script == 0 {
        return Err(Stop::new(format!("There is no WebAssembly to weigh in {}.", site.display())));
    }
    Ok(figures(wasm, script))
}

fn figures(wasm: u32, script: u32) -> Vec<Figure> {
    let both = Figure::kilobytes("WebAssembly and JavaScript, brotli", wasm + script);
    vec![
        Figure::kilobytes("WebAssembly, brotli", wasm),
        Figure::kilobytes("JavaScript, brotli", script),
        both.at_most(SCRIPT_BUDGET),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_for_both_together() {
        let holds = |wasm, script| figures(wasm, script)[2].holds;
        assert_eq!(holds(70_000, 5_000), Some(true));
        assert_eq!(holds(70_000, 5_001), Some(false));
    }
}
