//! The choices page: how heavy it is, and what rendering it costs beside a bare handler that
//! answers with the same bytes.

use super::{
    business::Folder,
    figure::Figure,
    http::get,
    load::{Contender, Plan, Summary, alternate},
    running::Running,
};
use crate::outcome::{OrStop, Outcome, Stop};
use std::{fs, path::Path, process::Command, time::Duration};

/// The page.
pub const CHOICES: &str = "/choices";

/// Customers who look at their page in turn.
const SESSIONS: usize = 64;

const PLAN: Plan = Plan { clients: 16, time: Duration::from_secs(1), numbers: u32::MAX, rounds: 5 };

/// Budget for a page with its style, compressed, in kilobytes: one round trip.
const WEIGHT_BUDGET: f64 = 14.0;

/// Budget for the rate of a page, in percent of the bare handler's.
const RATE_BUDGET: f64 = 50.0;

/// Languages of the example's catalogue.
const LANGUAGES: [&str; 6] = ["en", "zh-Hans", "es", "de", "fr", "ar"];

const BROTLI: &str = "accept-encoding: br\r\n";

/// A page in all its variants, each as the header lines that ask for it.
pub struct Page {
    name: &'static str,
    variants: Vec<String>,
}

impl Page {
    /// What somebody without a link gets, in each language.
    pub fn of_visitor() -> Self {
        let variant = |language| format!("accept-language: {language}\r\n");
        Self { name: "visitor's page", variants: LANGUAGES.map(variant).to_vec() }
    }

    /// What customers get who came by their links.
    pub fn of_customers(server: &Running, tokens: &[String]) -> Outcome<Self> {
        let mut connection = server.connect()?;
        let mut variants = Vec::new();
        for token in tokens.iter().step_by((tokens.len() / SESSIONS).max(1)).take(SESSIONS) {
            let answer = connection.ask(&get(&format!("/c/{token}"), ""))?;
            let cookie = answer.cookie.ok_or_else(|| Stop::new("A link has opened no visit."))?;
            variants.push(format!("cookie: {cookie}\r\n"));
        }
        Ok(Self { name: "customer's page", variants })
    }

    /// Its weight in brotli: that of the heaviest variant.
    pub fn weigh(&self, server: &Running) -> Outcome<Figure> {
        let bodies = self.bodies(server, BROTLI)?;
        let heaviest = bodies.iter().map(Vec::len).max().unwrap_or_default();
        let bytes = u32::try_from(heaviest).or_stop("weigh the page")?;
        let name = format!("{} with style, brotli, heaviest", self.name);
        Ok(Figure::kilobytes(name, bytes).at_most(WEIGHT_BUDGET))
    }

    /// A bare handler that answers with this page; of its variants, the one of middle length.
    pub fn bare(&self, server: &Running, bare: &Path, folder: &Folder) -> Outcome<Running> {
        let mut bodies = self.bodies(server, "")?;
        bodies.sort_by_key(Vec::len);
        let middle = bodies.get(bodies.len() / 2).map(Vec::as_slice).unwrap_or_default();
        let file = folder.path("page.html");
        fs::write(&file, middle).or_stop_at("write", &file)?;
        // Once it listens it has read the file, so the next one may take the same name.
        Running::start(Command::new(bare).arg(&file))
    }

    fn bodies(&self, server: &Running, fields: &str) -> Outcome<Vec<Vec<u8>>> {
        let mut connection = server.connect()?;
        let mut body = |variant: &String| {
            let answer = connection.ask(&get(CHOICES, &format!("{variant}{fields}")))?;
            match answer.status {
                200 => Ok(answer.body),
                status => Err(Stop::new(format!("The {} was answered with {status}.", self.name))),
            }
        };
        self.variants.iter().map(&mut body).collect()
    }

    fn requests(&self) -> Vec<Vec<u8>> {
        self.variants.iter().map(|variant| get(CHOICES, variant)).collect()
    }
}

/// Loads the server and the bare handlers in turn, with a visitor's page and a customer's.
pub fn race(server: &Running, pages: [&Page; 2], bare: [&Running; 2]) -> Outcome<Vec<Figure>> {
    let requests = pages.map(Page::requests);
    let write = |requests: &[Vec<u8>], number: u32, bytes: &mut Vec<u8>| {
        let place = usize::try_from(number).unwrap_or_default() % requests.len();
        bytes.extend_from_slice(&requests[place]);
    };
    let first = |number, bytes: &mut Vec<u8>| write(&requests[0], number, bytes);
    let second = |number, bytes: &mut Vec<u8>| write(&requests[1], number, bytes);
    let contenders = [
        Contender { server, request: &first },
        Contender { server: bare[0], request: &first },
        Contender { server, request: &second },
        Contender { server: bare[1], request: &second },
    ];
    let [visitor, bare_visitor, customer, bare_customer] = alternate(&contenders, &PLAN)?;
    let mut figures = compare(pages[0].name, &visitor, &bare_visitor);
    figures.extend(compare(pages[1].name, &customer, &bare_customer));
    Ok(figures)
}

fn compare(name: &str, page: &Summary, bare: &Summary) -> Vec<Figure> {
    let percent = |part: f64, whole: f64| Some(100.0 * part / whole).filter(|p| p.is_finite());
    let rate = 100.0 * page.times(bare);
    let mut figures = vec![
        Figure::new(format!("{name}: requests"), page.rate(), "/s"),
        Figure::new(format!("{name}: bare handler"), bare.rate(), "/s"),
        Figure::new(format!("{name}: of the bare rate"), rate, "%").at_least(RATE_BUDGET),
    ];
    if let (Some(own), Some(other)) = (page.processor, bare.processor) {
        let share = percent(other, own).unwrap_or_default();
        figures.extend([
            Figure::new(format!("{name}: server's CPU"), own, "µs"),
            Figure::new(format!("{name}: bare handler's CPU"), other, "µs"),
            Figure::new(format!("{name}: bare CPU to page's CPU"), share, "%"),
        ]);
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(rate: f64, processor: Option<f64>) -> Summary {
        Summary { rates: vec![rate], processor, answered: 1, slowest: 0.0 }
    }

    #[test]
    fn the_budget_is_on_the_rate() {
        let page = summary(9_000.0, Some(200.0));
        let figures = compare("page", &page, &summary(10_000.0, Some(50.0)));
        let values: Vec<_> = figures.iter().map(|figure| figure.value.round()).collect();
        assert_eq!(values[..3], [9_000.0, 10_000.0, 90.0]);
        assert_eq!((figures[2].holds, figures[5].holds), (Some(true), None));
        assert!((figures[5].value - 25.0).abs() < 1e-9);
    }

    #[test]
    fn without_processor_times_only_rates_are_compared() {
        assert_eq!(compare("page", &summary(1.0, None), &summary(4.0, None)).len(), 3);
        assert_eq!(compare("page", &summary(1.0, None), &summary(4.0, None))[2].holds, Some(false));
    }
}
