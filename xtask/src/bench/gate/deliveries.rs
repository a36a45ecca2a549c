//! Webhooks to a system that takes them as fast as they come.

use super::{
    super::{
        business::{Business, Folder},
        crowd,
        figure::Figure,
    },
    receiver::Receiver,
};
use crate::{
    outcome::{OrStop, Outcome, Stop},
    repository::Repository,
};
use std::{fs, time::Duration};

/// Customers whose choices are told.
const TOLD: u32 = 20_000;
/// Longer than this is no figure.
const PATIENCE: Duration = Duration::from_mins(2);

/// The mailer's address in the example's register.
const EXAMPLE: &str = "https://hooks.mailer.example/sayso";

/// Tells the mailer of everything.
pub fn deliver(repository: &Repository, folder: &Folder) -> Outcome<Vec<Figure>> {
    let receiver = Receiver::start()?;
    let catalogue = repository.path("example/catalogue.toml");
    let text = fs::read_to_string(&catalogue).or_stop_at("read", &catalogue)?;
    if !text.contains(EXAMPLE) {
        return Err(Stop::new("The example's register has no mailer any more."));
    }
    let file = folder.path("catalogue.toml");
    fs::write(&file, text.replace(EXAMPLE, &receiver.url())).or_stop_at("write", &file)?;
    let own = ["--allow-network", "127.0.0.0/8"];
    let business = Business::found_with(repository, folder.path("told"), &file, &own)?;
    let list = folder.path("told.csv");
    fs::write(&list, crowd::file(TOLD)).or_stop_at("write", &list)?;
    business.import(&list)?;
    business.make_secret("mailer")?;
    let waiting = business.waiting("mailer")?;
    let server = business.serve(&own)?;
    let seconds = receiver.wait(waiting, PATIENCE)?;
    drop(server);
    let count = f64::from(waiting);
    Ok(vec![
        Figure::new("webhooks: told to one system", count, "webhooks"),
        Figure::new("webhooks: throughput, one system", count / seconds, "/s"),
    ])
}
