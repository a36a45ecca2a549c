//! Somebody at a browser without JavaScript.

use std::collections::BTreeMap;

use app::routes;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, header};
use tower::ServiceExt;

use super::answer::Answer;
use super::page::{Form, Page};
use super::portal::{BASE_URL, Customer, HOST};

/// A browser with its cookies. A clone is a second tab.
#[derive(Clone, Debug)]
pub struct Browser {
    router: Router,
    languages: String,
    signals: Vec<String>,
    pub jar: BTreeMap<String, String>,
}

impl Browser {
    pub const fn new(router: Router) -> Self {
        Self { router, languages: String::new(), signals: Vec::new(), jar: BTreeMap::new() }
    }

    /// Asks for pages in these languages.
    #[must_use]
    pub fn reading(mut self, languages: &str) -> Self {
        languages.clone_into(&mut self.languages);
        self
    }

    /// Sends these fields `Sec-GPC` from now on.
    #[must_use]
    pub fn asking(mut self, fields: &[&str]) -> Self {
        self.signals = fields.iter().map(|&field| field.to_owned()).collect();
        self
    }

    /// The same browser, talking to another node.
    #[must_use]
    pub fn moved_to(mut self, router: Router) -> Self {
        self.router = router;
        self
    }

    /// The session's id, as the cookie has it.
    pub fn session(&self) -> &str {
        self.jar.get("__Host-visit").map_or("", String::as_str)
    }

    /// Sends one request with the browser's cookies and keeps those that come back.
    pub async fn sends(&mut self, mut request: Request<Body>) -> Answer {
        let path = request.uri().to_string();
        let fields = request.headers_mut();
        fields.insert(header::HOST, HOST.parse().expect("ASCII"));
        if !self.languages.is_empty() {
            fields.insert(header::ACCEPT_LANGUAGE, self.languages.parse().expect("ASCII"));
        }
        for signal in &self.signals {
            fields.append("sec-gpc", signal.parse().expect("ASCII"));
        }
        if !self.jar.is_empty() {
            let pairs: Vec<_> =
                self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
            fields.insert(header::COOKIE, pairs.join("; ").parse().expect("ASCII"));
        }
        let response = self.router.clone().oneshot(request).await.expect("the router never fails");
        let answer = Answer::read(response, &path).await;
        for cookie in answer.cookies() {
            self.keeps(&cookie);
        }
        answer
    }

    fn keeps(&mut self, cookie: &str) {
        let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
        let (name, value) = pair.split_once('=').expect("a cookie has a value");
        if attributes.contains("Max-Age=0") {
            self.jar.remove(name);
        } else {
            self.jar.insert(name.to_owned(), value.to_owned());
        }
    }

    /// One look, redirects not followed.
    pub async fn asks(&mut self, method: Method, path: &str) -> Answer {
        let path = path.split('#').next().unwrap_or_default();
        let request = Request::builder().method(method).uri(path).header("sec-fetch-site", "none");
        self.sends(request.body(Body::empty()).expect("a request")).await
    }

    /// Opens an address and goes where it leads.
    pub async fn opens(&mut self, path: &str) -> Page {
        let mut answer = self.asks(Method::GET, path).await;
        for _ in 0..5 {
            if !answer.status.is_redirection() {
                return answer.page();
            }
            let to = answer.location().to_owned();
            answer = self.asks(Method::GET, &to).await;
        }
        panic!("{path} leads in circles");
    }

    /// Posts fields as a form of the portal's own page would, the redirect not followed.
    pub async fn posts(&mut self, action: &str, fields: &[(&str, &str)]) -> Answer {
        let pairs: Vec<_> =
            fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        self.posts_raw(action, pairs.join("&").into_bytes()).await
    }

    /// Posts a body as it is.
    pub async fn posts_raw(&mut self, action: &str, body: Vec<u8>) -> Answer {
        let request = Request::post(action)
            .header("sec-fetch-site", "same-origin")
            .header(header::ORIGIN, BASE_URL)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::CONTENT_LENGTH, body.len());
        self.sends(request.body(Body::from(body)).expect("a request")).await
    }

    /// Sends a form and looks at the page that it leads to.
    pub async fn submits(&mut self, form: Form) -> Page {
        let fields: Vec<_> = form.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let answer = self.posts(&form.action, &fields).await;
        if !answer.status.is_redirection() {
            return answer.page();
        }
        assert_eq!(answer.status, 303, "post, redirect, get");
        let to = answer.location().to_owned();
        self.opens(&to).await
    }

    /// Follows the personal link.
    pub async fn opens_link(&mut self, customer: &Customer) -> Page {
        self.opens(&routes::link(&customer.token)).await
    }

    async fn presses(&mut self, name: &str, value: &str) -> Page {
        let page = self.opens(routes::CHOICES).await;
        self.submits(page.press(name, value)).await
    }

    pub async fn turns_off(&mut self, target: &str) -> Page {
        self.presses("off", target).await
    }

    /// The first step of turning something on.
    pub async fn asks_on(&mut self, target: &str) -> Page {
        self.presses("on", target).await
    }

    pub async fn pauses(&mut self, days: &str) -> Page {
        self.presses("pause", days).await
    }

    /// Takes back what the last press did.
    pub async fn undoes(&mut self) -> Page {
        let page = self.opens(routes::CHOICES).await;
        let reference = page.undo().expect("there is a way back");
        self.submits(page.press("undo", reference)).await
    }

    /// Opts an address or number out on the page without a link.
    pub async fn opts_out_by_form(&mut self, contact: &str, what: &str) -> Page {
        let page = self.opens(routes::CHOICES).await;
        let form = page.form(routes::OPT_OUT).with("contact", contact).with("what", what);
        self.submits(form).await
    }

    /// Asks for a code, for an address or number if the page wants one.
    pub async fn asks_for_a_code(&mut self, contact: Option<&str>) -> Page {
        let page = self.opens(routes::CODE).await;
        let form = page.form(routes::SEND_CODE);
        let form =
            contact.map_or_else(|| form.clone(), |typed| form.clone().with("contact", typed));
        self.submits(form).await
    }

    pub async fn enters_code(&mut self, code: &str) -> Page {
        let page = self.opens(routes::CODE).await;
        self.submits(page.form(routes::CHECK_CODE).with("code", code)).await
    }
}

/// Writes a value as a form does.
pub fn encode(value: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => {
            char::from(byte).to_string()
        }
        b' ' => "+".to_owned(),
        other => format!("%{other:02X}"),
    };
    value.bytes().map(byte).collect()
}
