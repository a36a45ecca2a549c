//! The document to read, rendered from itself: no script, nothing from anywhere else.

use axum::body::Bytes;
use axum::extract::Path;
use axum::response::{Html, IntoResponse, Response};
use leptos::prelude::*;
use leptos::tachys::view::any_view::AnyView;
use serde_json::{Map, Value};

use super::paths;
use super::problem::{Kind, Problem};
use crate::web::CSS;

/// A page as it goes out.
pub(super) type Page = Html<Bytes>;

fn document(title: &str, main: impl IntoView) -> Page {
    let title = format!("{title} – Sayso");
    let head = view! {
        <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content="light dark"/>
            <meta name="robots" content="noindex"/>
            <title>{title}</title>
            <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
            <style inner_html=CSS></style>
        </head>
    };
    let (head, main) = (head.to_html(), view! { <main id="main">{main}</main> }.to_html());
    let html = format!("<!doctype html><html lang=\"en\">{head}<body>{main}</body></html>");
    Html(html.into())
}

/// Paragraphs, with what stands between backticks as code.
fn prose(text: &str) -> AnyView {
    let paragraph = |text: &str| {
        let parts = text.split('`').enumerate().map(|(place, part)| {
            let part = part.to_owned();
            if place % 2 == 1 { view! { <code>{part}</code> }.into_any() } else { part.into_any() }
        });
        view! { <p>{parts.collect::<Vec<_>>()}</p> }
    };
    text.split("\n\n").map(paragraph).collect::<Vec<_>>().into_any()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The name of the type of a schema, led to where it stands.
fn kind(schema: &Value) -> AnyView {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        let (href, name) = (format!("#{name}"), name.to_owned());
        return view! { <a href=href>{name}</a> }.into_any();
    }
    let several = items(&schema["oneOf"]).chain(items(&schema["anyOf"]));
    let several: Vec<_> =
        several.filter(|one| one["type"] != "null").map(|one| view! { {kind(one)}" " }).collect();
    if !several.is_empty() {
        return several.into_any();
    }
    let words: Vec<_> = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().into_iter().collect(),
    };
    let mut said = words.join(" or ");
    for (name, value) in entries(schema) {
        if matches!(name.as_str(), "format" | "pattern" | "minimum" | "maximum" | "maxLength") {
            said = format!(
                "{said}, {name} {}",
                value.as_str().map_or(value.to_string(), str::to_owned)
            );
        }
    }
    let of = schema.get("items").map(|of| view! { " of "{kind(of)} });
    let choice: Vec<_> = items(&schema["enum"]).filter_map(Value::as_str).collect();
    let choice = (!choice.is_empty()).then(|| format!(": {}", choice.join(", ")));
    view! { {said}{of}{choice} }.into_any()
}

fn fields(schema: &Value) -> AnyView {
    let required: Vec<_> = items(&schema["required"]).filter_map(Value::as_str).collect();
    let field = |(name, schema): (&String, &Value)| {
        let optional = (!required.contains(&name.as_str())).then_some(", optional");
        view! {
            <dt><code>{name.clone()}</code>" "<small>{kind(schema)}{optional}</small></dt>
            <dd>{prose(text(schema, "description"))}</dd>
        }
    };
    let fields: Vec<_> = entries(&schema["properties"]).map(field).collect();
    if fields.is_empty() {
        return view! { <p>{kind(schema)}</p> }.into_any();
    }
    view! { <dl>{fields}</dl> }.into_any()
}

fn operation(path: &str, method: &str, operation: &Value) -> AnyView {
    let id = text(operation, "operationId").to_owned();
    let scopes = items(&operation["security"]).flat_map(|one| items(&one["key"]));
    let scopes: Vec<_> = scopes.filter_map(Value::as_str).collect();
    let scope = (!scopes.is_empty())
        .then(|| view! { <p>"Needs the scope "<code>{scopes.join(", ")}</code>"."</p> });
    let parameters = items(&operation["parameters"]).map(|parameter| {
        let (name, place) = (text(parameter, "name").to_owned(), text(parameter, "in").to_owned());
        view! {
            <dt>
                <code>{name}</code>" "<small>"in the "{place}", "{kind(&parameter["schema"])}</small>
            </dt>
            <dd>{prose(text(parameter, "description"))}</dd>
        }
    });
    let parameters: Vec<_> = parameters.collect();
    let bodies = entries(&operation["requestBody"]["content"]).map(|(media, content)| {
        view! { <p>"Send "<code>{media.clone()}</code>": "{kind(&content["schema"])}</p> }
    });
    let bodies: Vec<_> = bodies.collect();
    let answers = entries(&operation["responses"]).map(|(status, answer)| {
        let forms = entries(&answer["content"])
            .map(|(media, content)| view! { " "<code>{media.clone()}</code>" "{kind(&content["schema"])} });
        let forms: Vec<_> = forms.collect();
        view! {
            <dt>{status.clone()}<small>{forms}</small></dt>
            <dd>{prose(text(answer, "description"))}</dd>
        }
    });
    let answers: Vec<_> = answers.collect();
    let title = format!("{} {path}", method.to_uppercase());
    let about = [text(operation, "summary"), text(operation, "description")];
    let about: Vec<_> = about.into_iter().filter(|text| !text.is_empty()).map(prose).collect();
    view! {
        <section id=id>
            <h3><code>{title}</code></h3>
            {about}{scope}
            <dl>{parameters}</dl>
            {bodies}
            <dl>{answers}</dl>
        </section>
    }
    .into_any()
}

/// The whole document as a page.
pub(super) fn page(openapi: &Value) -> Page {
    let tags = items(&openapi["tags"]).map(|tag| {
        let operations: Vec<_> = entries(&openapi["paths"])
            .flat_map(|(path, item)| entries(item).map(move |(method, o)| (path, method, o)))
            .filter(|(_, _, o)| o["tags"][0] == tag["name"])
            .map(|(path, method, o)| operation(path, method, o))
            .collect();
        (!operations.is_empty()).then(|| {
            view! { <h2>{text(tag, "description").to_owned()}</h2>{operations} }
        })
    });
    let tags: Vec<_> = tags.collect();
    let schemas = entries(&openapi["components"]["schemas"]).map(|(name, schema)| {
        view! {
            <section id=name.clone()>
                <h3>{name.clone()}</h3>
                {prose(text(schema, "description"))}
                {fields(schema)}
            </section>
        }
    });
    let schemas: Vec<_> = schemas.collect();
    let problems = Kind::ALL.iter().map(|kind| {
        let href = kind.url();
        view! { <dt><a href=href>{kind.slug()}</a>" "<small>{kind.status().as_u16()}</small></dt><dd>{kind.title()}</dd> }
    });
    let problems: Vec<_> = problems.collect();
    document(
        "API",
        view! {
            <h1>"API"</h1>
            {prose(text(&openapi["info"], "description"))}
            <p><a href=paths::OPENAPI>"The same for programs (OpenAPI 3.1)"</a></p>
            {tags}
            <h2>"Forms"</h2>{schemas}
            <h2>"Problems"</h2><dl>{problems}</dl>
        },
    )
}

/// What a kind of problem means.
pub(super) async fn problem(Path(slug): Path<String>) -> Response {
    let Some(kind) = Kind::ALL.iter().find(|kind| kind.slug() == slug) else {
        return Problem::of(Kind::NotFound).into_response();
    };
    document(
        kind.title(),
        view! {
            <h1>{kind.title()}</h1>
            <p>"Status "{kind.status().as_u16()}", type "<code>{kind.url()}</code></p>
            {prose(kind.about())}
            <p><a href=paths::DOCS>"The whole API"</a></p>
        },
    )
    .into_response()
}
