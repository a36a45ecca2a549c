//! The figures as a table on standard output, for people and for a page of results.
#![expect(clippy::print_stdout, reason = "the table is the command's result, not its progress")]

use super::figure::Figure;

/// Prints one line a figure, below a line of titles.
pub fn print(figures: &[Figure]) {
    for line in lines(figures) {
        println!("{line}");
    }
}

fn lines(figures: &[Figure]) -> Vec<String> {
    let titles = ["figure", "value", "budget", "holds"].map(str::to_owned);
    let rows: Vec<[String; 4]> = std::iter::once(titles).chain(figures.iter().map(row)).collect();
    let width =
        |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    let line = |[name, value, budget, holds]: &[String; 4]| {
        let [first, second, third] = widths;
        format!("{name:first$}  {value:>second$}  {budget:third$}  {holds}").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

fn row(figure: &Figure) -> [String; 4] {
    // Two figures after the point say enough about small values, and hide noise in large ones.
    let places =
        if figure.value.abs() < 10.0 { 2 } else { usize::from(figure.value.abs() < 1000.0) };
    let holds = match figure.holds {
        Some(true) => "yes",
        Some(false) => "NO",
        None => "",
    };
    [
        figure.name.clone(),
        format!("{:.places$} {}", figure.value, figure.unit),
        figure.budget.clone().unwrap_or_default(),
        holds.to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let figures = [
            Figure {
                name: "page".to_owned(),
                value: 9.456,
                unit: "KB".to_owned(),
                budget: Some("≤ 14 KB".to_owned()),
                holds: Some(true),
            },
            Figure {
                name: "pages a second".to_owned(),
                value: 26_000.4,
                unit: "/s".to_owned(),
                budget: None,
                holds: None,
            },
        ];
        let expected = [
            "figure             value  budget   holds",
            "page             9.46 KB  ≤ 14 KB  yes",
            "pages a second  26000 /s",
        ];
        assert_eq!(lines(&figures), expected);
    }
}
