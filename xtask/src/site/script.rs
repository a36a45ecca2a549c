//! Making JavaScript smaller without understanding it: only whole lines go, so no statement can
//! end differently.

/// Removes indentation, empty lines, and comments that have their lines to themselves. A text with
/// a template that may span lines stays as it is, because its white space means something.
pub fn squeeze(js: &str) -> String {
    if js.lines().any(|line| line.matches('`').count() % 2 == 1) {
        return js.to_owned();
    }
    let mut in_comment = false;
    let mut out = String::new();
    for line in js.lines().map(str::trim) {
        in_comment |= line.starts_with("/**");
        let is_code = !in_comment && !line.is_empty() && !line.starts_with("//");
        if is_code {
            out.push_str(line);
            out.push('\n');
        }
        in_comment &= !line.ends_with("*/");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::squeeze;

    #[test]
    fn lines_of_code_stay_and_the_rest_goes() {
        let js = "// A loader.\n\n/**\n * @param {number} a\n */\nexport function f(a) {\n    /** here */\n    return a / 2; // half\n}\n";
        assert_eq!(squeeze(js), "export function f(a) {\nreturn a / 2; // half\n}\n");
    }

    #[test]
    fn a_template_over_several_lines_keeps_its_spaces() {
        let js = "const a = `one\n    two`;\n";
        assert_eq!(squeeze(js), js);
    }
}
