//! `public/`: files that are served as they are, under their own names.

use super::folder::files_below;
use crate::outcome::{OrStop, Outcome, Stop};
use std::{fs, path::Path};

/// Each file's name, with slashes, and its content; hidden files stay at home.
pub fn files(folder: &Path) -> Outcome<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for path in files_below(folder)? {
        let name = name(folder, &path)?;
        if !name.split('/').any(|part| part.starts_with('.')) {
            let content = fs::read(&path).or_stop_at("read", &path)?;
            files.push((name, content));
        }
    }
    Ok(files)
}

fn name(folder: &Path, path: &Path) -> Outcome<String> {
    let inside = path.strip_prefix(folder).or_stop_at("find the name of", path)?;
    let parts: Option<Vec<&str>> = inside.iter().map(|part| part.to_str()).collect();
    let unreadable = || Stop::new(format!("The name {} is not Unicode.", path.display()));
    Ok(parts.ok_or_else(unreadable)?.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_relative_and_has_slashes() {
        let folder = Path::new("public");
        let path = folder.join("icons").join("a.svg");
        assert_eq!(name(folder, &path).as_deref(), Ok("icons/a.svg"));
    }
}
