//! From a file to a catalogue, with every problem at once.

use std::panic::resume_unwind;
use std::thread;

use toml::de::DeTable;

use super::problem::Notes;
use super::reader::{Fields, Seen};
use super::{
    Authority, Basis, Catalogue, Controller, Exception, MessageRule, Problem, Profiling, Purpose,
    Recipient, Regime, Topic, inventory, system, values,
};

/// Most bytes of a file.
const LARGEST: usize = 1 << 20;

/// Bytes of stack for the reading. The TOML parser bounds braces and the dots of one key by 80
/// each, but not their product, and to drop a tree 6,400 deep takes some 5 MB in a build without
/// optimisation: more than the worker threads of a server have.
const STACK: usize = 32 << 20;

/// Reads and checks a catalogue.
///
/// # Errors
/// Every problem found, by line. Where the file is not TOML, some wait for the next reading.
pub fn parse(text: &str) -> Result<Catalogue, Vec<Problem>> {
    if text.len() > LARGEST {
        let reason = "The file is larger than 1 MiB; a catalogue must be smaller.".into();
        return Err(vec![Problem { line: 1, reason }]);
    }
    thread::scope(|scope| {
        let reading = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || read(text));
        let Ok(reading) = reading else {
            let reason = "The machine has no thread left to read the file; try again.".into();
            return Err(vec![Problem { line: 1, reason }]);
        };
        reading.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

fn read(text: &str) -> Result<Catalogue, Vec<Problem>> {
    let (root, errors) = DeTable::parse_recoverable(text);
    let notes = Notes::new(text);
    for error in &errors {
        notes.syntax(error);
    }
    let catalogue = catalogue(Fields::root(root.into_inner(), &notes), &notes);
    let problems = notes.into_problems();
    catalogue.filter(|_| problems.is_empty()).ok_or(problems)
}

fn catalogue(mut file: Fields<'_>, notes: &Notes) -> Option<Catalogue> {
    let languages = file.read_languages();
    let controller = file.table("controller").and_then(controller);
    let topics = file.each("topic", topic);
    let profilings = file.each("profiling", profiling);
    let purposes = file.each("purpose", purpose);
    let exceptions = file.each("exception", exception);
    let drafts = file.each("system", system::draft);
    let inventory = file.table_if_given("inventory");
    let (at, inventory) =
        inventory.map_or_else(Default::default, |(at, table)| (at, inventory::inventory(table)));
    file.close();
    let (controller, languages) = (controller?, languages?);
    let systems = Vec::new();
    let mut catalogue = Catalogue {
        controller,
        languages,
        topics,
        profilings,
        purposes,
        exceptions,
        systems,
        inventory,
    };
    // Where a switch was not read, a system that serves it would be told of that once more.
    if notes.is_clean() {
        catalogue.systems = system::settle(drafts, &catalogue, notes);
        inventory::settle(at, &catalogue, notes);
    }
    Some(catalogue)
}

fn controller(mut fields: Fields<'_>) -> Option<Controller> {
    let name = fields.plain("name");
    let brand = fields.plain("brand");
    let address = fields.plain("address");
    let country = fields.parsed("country", values::country);
    let time_zone = fields.parsed("time_zone", values::time_zone);
    let privacy_email = fields.parsed("privacy_email", values::email);
    let privacy_phone = fields.plain("privacy_phone");
    let policy_url = fields.parsed("policy_url", values::https);
    let authority = fields.table("authority").and_then(authority);
    fields.close();
    Some(Controller {
        name: name?,
        brand: brand?,
        address: address?,
        country: country?,
        time_zone: time_zone?,
        privacy_email: privacy_email?,
        privacy_phone: privacy_phone?,
        policy_url: policy_url?,
        authority: authority?,
    })
}

fn authority(mut fields: Fields<'_>) -> Option<Authority> {
    let name = fields.plain("name");
    let url = fields.parsed("url", values::https);
    fields.close();
    Some(Authority { name: name?, url: url? })
}

fn topic(mut fields: Fields<'_>, seen: &mut Seen) -> Option<Topic> {
    let key = fields.name("key", seen);
    let term = fields.parsed("term", values::term);
    let label = fields.label();
    let frequency = fields.text("frequency");
    let data = fields.text("data");
    let channels = fields.each_of_some("channel", message_rule);
    fields.close();
    Some(Topic {
        key: key?,
        term: term?,
        label: label?,
        frequency: frequency?,
        data: data?,
        channels,
    })
}

fn message_rule(mut fields: Fields<'_>, seen: &mut Seen) -> Option<MessageRule> {
    let channel = fields.name("kind", seen);
    let rule = regime_and_basis(&mut fields);
    let lead_days = fields.days_if_given("lead_days", 0..=365).unwrap_or(0);
    let valid_days = fields.days_if_given("valid_days", 1..=3650);
    fields.close();
    let (regime, basis) = rule?;
    Some(MessageRule { channel: channel?, regime, basis, lead_days, valid_days })
}

/// A yes before is consent, and consent is a yes before (GDPR Art. 4(11), 7).
fn regime_and_basis(fields: &mut Fields<'_>) -> Option<(Regime, Basis)> {
    let regime = fields.parsed("regime", values::regime);
    let basis = fields.parsed_at("basis", values::basis);
    let (regime, (at, basis)) = (regime?, basis?);
    let reason = match (regime, basis == Basis::Consent) {
        (Regime::OptIn, false) => "With the regime “opt_in” the basis must be “consent”.",
        (Regime::OptOut, true) => {
            "With the regime “opt_out” the basis cannot be “consent”: silence is no consent."
        }
        _ => return Some((regime, basis)),
    };
    fields.wrong(at, reason.into());
    None
}

fn profiling(mut fields: Fields<'_>, seen: &mut Seen) -> Option<Profiling> {
    let key = fields.name("key", seen);
    let term = fields.parsed("term", values::term);
    let label = fields.label();
    let about = fields.text("about");
    let off_effect = fields.text("off_effect");
    let rule = regime_and_basis(&mut fields);
    fields.close();
    let (regime, basis) = rule?;
    Some(Profiling {
        key: key?,
        term: term?,
        label: label?,
        about: about?,
        off_effect: off_effect?,
        regime,
        basis,
    })
}

fn purpose(mut fields: Fields<'_>, seen: &mut Seen) -> Option<Purpose> {
    let key = fields.name("key", seen);
    let term = fields.parsed("term", values::term);
    let label = fields.label();
    let about = fields.text("about");
    let off_effect = fields.text("off_effect");
    let sale_or_sharing = fields.truth("sale_or_sharing");
    let rule = regime_and_basis(&mut fields);
    let owner = fields.plain("owner");
    let review_on = fields.day("review_on");
    let recipients = fields.each_of_some("recipient", recipient);
    fields.close();
    let (regime, basis) = rule?;
    Some(Purpose {
        key: key?,
        term: term?,
        label: label?,
        about: about?,
        off_effect: off_effect?,
        sale_or_sharing: sale_or_sharing?,
        regime,
        basis,
        owner: owner?,
        review_on: review_on?,
        recipients,
    })
}

fn recipient(mut fields: Fields<'_>, seen: &mut Seen) -> Option<Recipient> {
    let key = fields.name("key", seen);
    let name = fields.plain("name");
    let contact = fields.parsed("contact", values::contact);
    let country = fields.parsed("country", values::country);
    let data = fields.text("data");
    let lead_days = fields.days("lead_days", 0..=365);
    fields.close();
    Some(Recipient {
        key: key?,
        name: name?,
        contact: contact?,
        country: country?,
        data: data?,
        lead_days: lead_days?,
    })
}

fn exception(mut fields: Fields<'_>, seen: &mut Seen) -> Option<Exception> {
    let key = fields.name("key", seen);
    let term = fields.parsed("term", values::term);
    let label = fields.text("label");
    let about = fields.text("about");
    let citation = fields.plain("citation");
    let owner = fields.plain("owner");
    let approver = fields.plain("approver");
    let review_on = fields.day("review_on");
    fields.close();
    Some(Exception {
        key: key?,
        term: term?,
        label: label?,
        about: about?,
        citation: citation?,
        owner: owner?,
        approver: approver?,
        review_on: review_on?,
    })
}
