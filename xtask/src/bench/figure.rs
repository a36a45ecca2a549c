//! One measured figure and its budget.

use serde::Serialize;

/// One measured figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// How much it was, in `unit`.
    pub value: f64,
    /// The unit, as it is printed behind the value.
    pub unit: String,
    /// The budget in words, where there is one.
    pub budget: Option<String>,
    /// Whether the value keeps to its budget.
    pub holds: Option<bool>,
}

impl Figure {
    /// A figure without a budget.
    pub fn new(name: impl Into<String>, value: f64, unit: &str) -> Self {
        Self { name: name.into(), value, unit: unit.to_owned(), budget: None, holds: None }
    }

    /// Bytes in kilobytes: a thousand bytes here, as it is on the wire.
    pub fn kilobytes(name: impl Into<String>, bytes: u32) -> Self {
        Self::new(name, f64::from(bytes) / 1000.0, "KB")
    }

    /// The same with the most that it may be.
    pub fn at_most(self, most: f64) -> Self {
        let (budget, holds) = (format!("≤ {most} {}", self.unit), self.value <= most);
        self.judged(budget, holds)
    }

    /// The same with the least that it may be.
    pub fn at_least(self, least: f64) -> Self {
        let (budget, holds) = (format!("≥ {least} {}", self.unit), self.value >= least);
        self.judged(budget, holds)
    }

    /// The same with a budget that is more than one comparison.
    pub fn judged(self, budget: impl Into<String>, holds: bool) -> Self {
        Self { budget: Some(budget.into()), holds: Some(holds), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_on_its_budget_keeps_to_it() {
        let page = Figure::kilobytes("page", 14_000).at_most(14.0);
        assert_eq!((page.budget.as_deref(), page.holds), (Some("≤ 14 KB"), Some(true)));
        assert_eq!(Figure::kilobytes("page", 14_001).at_most(14.0).holds, Some(false));
        let rate = Figure::new("rate", 50.0, "%").at_least(50.0);
        assert_eq!((rate.budget.as_deref(), rate.holds), (Some("≥ 50 %"), Some(true)));
        assert_eq!(Figure::new("rate", 49.9, "%").at_least(50.0).holds, Some(false));
    }
}
