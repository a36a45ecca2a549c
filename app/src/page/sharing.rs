//! Who receives data, purpose by purpose and company by company.

use domain::Target;
use domain::catalogue::{Purpose, Recipient};
use leptos::prelude::*;

use super::Frame;
use super::choices::{State, around};
use super::marketing::{for_good, section};
use super::names::{anchor, basis};
use super::shelf::Key;
use super::signal;
use super::switch::{Labels, button, since, switch};
use crate::texts::{country, fill};

/// With a state, each company has a switch; without, the page only tells.
pub(super) fn sharing(frame: &Frame, state: Option<&State<'_>>) -> String {
    let texts = frame.texts;
    let mut html = section(frame, "sharing", texts.sharing, "");
    html.push_str(&frame.keep(Key::new("sharing-hint"), || {
        view! {
            <p class="hint">{texts.sharing_hint}{frame.gap()}<a href="#law">{texts.sharing_law_link}</a></p>
        }
    }));
    for purpose in &frame.notice.catalogue.purposes {
        let mut key = Key::new("purpose").text(purpose.key.as_str());
        for recipient in &purpose.recipients {
            key = key.decision(state.and_then(|state| state.share(purpose, recipient)));
        }
        html.push_str(&frame.keep(key, || card(frame, state, purpose)));
    }
    let stop = state.is_some_and(|state| !state.preferences.is_withdrawn(&Target::Sharing));
    html.push_str(&frame.keep(Key::new("stop-sharing").flag(stop), || {
        let text = texts.sharing_off.to_owned();
        stop.then(|| view! { <p>{button("wide", "off", Target::Sharing.to_string(), text)}</p> })
    }));
    html.push_str(&signal::how(frame));
    html.push_str("</section>");
    html
}

fn card(frame: &Frame, state: Option<&State<'_>>, purpose: &Purpose) -> AnyView {
    let (texts, language) = (frame.texts, frame.language);
    let heading = format!("purpose-{}-h", purpose.key);
    let labelled = heading.clone();
    let ground = fill(texts.basis_label, &[("basis", basis(texts, purpose.basis))]);
    let sale = purpose.sale_or_sharing.then_some(texts.sale_or_sharing);
    let rows: Vec<_> =
        purpose.recipients.iter().map(|known| row(frame, state, purpose, known)).collect();
    view! {
        <div class="card" role="group" aria-labelledby=labelled>
            <div class="row head">
                <div>
                    <h3 id=heading>{purpose.label.get(language).to_owned()}</h3>
                    <p>{purpose.about.get(language).to_owned()}{frame.gap()}{sale}</p>
                    <small>{ground}</small>
                </div>
            </div>
            {state.and_then(|state| whole(frame, state, purpose))}
            {rows}
            <details>
                <summary>{texts.effect}</summary>
                <p>{purpose.off_effect.get(language).to_owned()}</p>
            </details>
        </div>
    }
    .into_any()
}

/// One switch for all companies of a purpose. It only turns off: a yes is given one by one.
fn whole(frame: &Frame, state: &State<'_>, purpose: &Purpose) -> Option<AnyView> {
    let target = Target::Purpose(purpose.key.clone());
    if purpose.recipients.len() < 2 || state.all_off(&target) {
        return None;
    }
    let name = fill(frame.texts.all_companies, &[("purpose", purpose.label.get(frame.language))]);
    let id = anchor(&target);
    let label = format!("{id}-l");
    let labels = Labels { by: label.clone(), about: None };
    Some(
        view! {
            <div class="row">
                <label for=id id=label>{name}</label>
                {switch(frame, &target, true, labels)}
            </div>
        }
        .into_any(),
    )
}

fn row(frame: &Frame, state: Option<&State<'_>>, purpose: &Purpose, known: &Recipient) -> AnyView {
    let texts = frame.texts;
    let target = Target::Share(purpose.key.clone(), known.key.clone());
    let id = anchor(&target);
    let decision = state.and_then(|state| state.decision(&target));
    let what = known.data.get(frame.language);
    let land = country(frame.language, &known.country);
    let (before, after) = around(texts.contact, "contact");
    let stops = texts.recipient_lead.of(frame.language, usize::from(known.lead_days));
    let note = decision.and_then(|decision| since(frame, decision));
    let (label, about) = (format!("{id}-l"), format!("{id}-a"));
    let small = view! {
        <small id=about.clone()>
            {format!("{what} · {land}")}<br/>
            {before}<bdi dir="ltr">{known.contact.clone()}</bdi>{after}" · "{stops}
            {note.map(|note| view! { <br/>{note} })}
        </small>
    };
    let name = known.name.clone();
    let Some(decision) = decision else {
        return view! { <div class="row"><div><bdi>{name}</bdi>{small}</div></div> }.into_any();
    };
    let labels = Labels { by: format!("purpose-{}-h {label}", purpose.key), about: Some(about) };
    view! {
        <div class="row">
            <label for=id><bdi id=label>{name}</bdi>{small}</label>
            {for_good(frame, &target, decision)}
            {switch(frame, &target, decision.allowed, labels)}
        </div>
    }
    .into_any()
}
