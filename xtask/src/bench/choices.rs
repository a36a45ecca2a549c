//! What a customer's choice costs, from the page's weight on.

use super::{
    business::{Business, Folder},
    crowd, disk,
    figure::Figure,
    pages::{self, Page},
    running::timed,
    start, weight, writes, yardstick,
};
use crate::{
    outcome::{OrStop, Outcome},
    progress::Progress,
    repository::Repository,
};
use std::{fs, path::Path};

/// The steps of [`measure`].
pub const STEPS: usize = 7;

/// Measures everything with so many customers.
pub fn measure(
    repository: &Repository,
    people: u32,
    progress: &mut Progress,
) -> Outcome<Vec<Figure>> {
    let bare = progress.loud("Building the bare handler", || yardstick(repository, "bare"))?;
    let mut figures = progress
        .quiet("Weighing what a browser downloads", || weight::weigh(&repository.site()))?;
    let folder = Folder::create(repository)?;
    let (business, rate) =
        progress.quiet("Importing the customers", || import(repository, &folder, people))?;
    figures.extend(rate);
    let tokens = progress
        .quiet("Making their links", || business.tokens(&folder.path("links.csv"), people))?;
    figures.extend(progress.quiet("Starting and resting", || start::measure(&business))?);
    figures
        .extend(progress.quiet("Asking for pages", || look(&business, &folder, &bare, &tokens))?);
    figures.extend(progress.quiet("Recording choices", || record(&business, &folder, &tokens))?);
    Ok(figures)
}

fn import(
    repository: &Repository,
    folder: &Folder,
    people: u32,
) -> Outcome<(Business, [Figure; 2])> {
    let business = Business::found(repository, folder.path("original"))?;
    let file = folder.path("customers.csv");
    fs::write(&file, crowd::file(people)).or_stop_at("write", &file)?;
    let ((), seconds) = timed(|| business.import(&file))?;
    let people = f64::from(people);
    let figures = [
        Figure::new("customers", people, "people"),
        Figure::new("rows imported", people / seconds, "/s"),
    ];
    Ok((business, figures))
}

fn look(
    business: &Business,
    folder: &Folder,
    bare: &Path,
    tokens: &[String],
) -> Outcome<Vec<Figure>> {
    let server = business.serve(&[])?;
    let visitor = Page::of_visitor();
    let customer = Page::of_customers(&server, tokens)?;
    let mut figures = vec![visitor.weigh(&server)?, customer.weigh(&server)?];
    let bare_visitor = visitor.bare(&server, bare, folder)?;
    let bare_customer = customer.bare(&server, bare, folder)?;
    let pages = [&visitor, &customer];
    figures.extend(pages::race(&server, pages, [&bare_visitor, &bare_customer])?);
    figures.extend(start::memory("resident memory after these pages", &server));
    Ok(figures)
}

/// The disk is probed on both sides of the load: its pace depends on what else the machine does.
fn record(business: &Business, folder: &Folder, tokens: &[String]) -> Outcome<Vec<Figure>> {
    let probe = folder.path("probe");
    let copy = business.copy(folder.path("copy"))?;
    let before = disk::probe("disk: pages synced, before choices", &probe)?;
    let choices = writes::measure(business, &copy, tokens)?;
    let after = disk::probe("disk: pages synced, after choices", &probe)?;
    Ok([before].into_iter().chain(choices).chain([after]).collect())
}
