//! The pages: what each needs to be drawn, and how a page is sent. The words are in `templates/`, one file per page, and
//! in [`words`].
//!
//! Server-rendered, without script but for the one line that sends a `form_post` answer on, which the policy allows by its
//! hash. Field names and element ids are those of Entra's own page, so that scripts which drive that one drive this one.

pub mod reading;
pub(crate) mod words;

use askama::Template;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{self, HeaderName, HeaderValue};
use ropeway_core::error::render::PageError;
use ropeway_core::oauth::authorize::ReplyTo;

use crate::outcome::Stopped;
use crate::signin::Notice;

/// A page, drawn.
#[derive(Debug)]
pub(crate) struct Page {
    status: StatusCode,
    html: String,
    /// Where its forms may lead besides here: the application's own origin.
    sends_to: Option<String>,
    /// Hidden frames of applications that are told of a sign-out.
    frames: Vec<String>,
    script: bool,
}

impl Page {
    /// Draws a page.
    pub(crate) fn of(template: &impl Template) -> Result<Self, Stopped> {
        let html = template.render().map_err(|error| Stopped::Broken(error.into()))?;
        Ok(Self { status: StatusCode::OK, html, sends_to: None, frames: Vec::new(), script: false })
    }

    /// A page of one sentence, for when drawing fails.
    pub(crate) fn plain(sentence: String) -> Self {
        let html = sentence.replace('&', "&amp;").replace('<', "&lt;");
        Self { status: StatusCode::OK, html, sends_to: None, frames: Vec::new(), script: false }
    }

    /// Another status than 200.
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Its form ends, by redirects, at this application.
    pub(crate) fn sending_to(self, reply: &ReplyTo) -> Self {
        let origin = reply.redirect_uri.url.origin();
        let source = if origin.is_tuple() {
            origin.ascii_serialization()
        } else {
            format!("{}:", reply.redirect_uri.url.scheme())
        };
        Self { sends_to: Some(source), ..self }
    }

    /// It holds the one line of script.
    pub(crate) fn with_script(self) -> Self {
        Self { script: true, ..self }
    }

    /// It holds hidden frames of these addresses.
    pub(crate) fn with_frames(self, frames: Vec<String>) -> Self {
        Self { frames, ..self }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let script = if self.script { format!("'sha256-{SCRIPT_HASH}'") } else { "'none'".to_owned() };
        let frames = if self.frames.is_empty() { "'none'".to_owned() } else { self.frames.join(" ") };
        let policy = format!(
            "default-src 'none'; style-src 'self'; img-src data:; script-src {script}; frame-src {frames}; \
             form-action 'self' {}; base-uri 'none'; frame-ancestors 'none'",
            self.sends_to.as_deref().unwrap_or_default()
        );
        let mut response = Response::new(Body::from(self.html));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if let Ok(policy) = HeaderValue::from_str(policy.trim()) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        for (name, value) in FIXED {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        response
    }
}

/// What every page of a sign-in has.
#[derive(Debug)]
pub(crate) struct Shell {
    pub(crate) tenant: String,
    pub(crate) application: String,
    /// Where its form goes.
    pub(crate) action: String,
    pub(crate) ctx: String,
    pub(crate) flow_token: u32,
    pub(crate) notice: Option<Notice>,
    /// The name that is signing in.
    pub(crate) who: Option<String>,
}

/// Who are you?
#[derive(Debug, Template)]
#[template(path = "user_name.html")]
pub(crate) struct UserNamePage {
    pub(crate) shell: Shell,
    pub(crate) hint: String,
}

/// Which of your accounts?
#[derive(Debug, Template)]
#[template(path = "choose_account.html")]
pub(crate) struct ChooseAccountPage {
    pub(crate) shell: Shell,
    pub(crate) accounts: Vec<AccountTile>,
}

/// One account to choose.
#[derive(Debug)]
pub(crate) struct AccountTile {
    pub(crate) session: String,
    pub(crate) name: String,
    pub(crate) sign_in_name: String,
}

/// The password.
#[derive(Debug, Template)]
#[template(path = "password.html")]
pub(crate) struct PasswordPage {
    pub(crate) shell: Shell,
}

/// A new password.
#[derive(Debug, Template)]
#[template(path = "new_password.html")]
pub(crate) struct NewPasswordPage {
    pub(crate) shell: Shell,
}

/// The code of an authenticator app.
#[derive(Debug, Template)]
#[template(path = "second_factor.html")]
pub(crate) struct SecondFactorPage {
    pub(crate) shell: Shell,
}

/// Registering an authenticator app.
#[derive(Debug, Template)]
#[template(path = "enrol.html")]
pub(crate) struct EnrolPage {
    pub(crate) shell: Shell,
    /// In base32, for those who type it.
    pub(crate) secret: String,
    /// The QR code: SVG in base64.
    pub(crate) picture: String,
}

/// What an application asks for.
#[derive(Debug, Template)]
#[template(path = "consent.html")]
pub(crate) struct ConsentPage {
    pub(crate) shell: Shell,
    pub(crate) wishes: Vec<Wish>,
    /// The person may consent for everybody.
    pub(crate) for_all: bool,
    /// The person consents for everybody.
    pub(crate) for_everybody: bool,
    /// Where the application gets its answer; `None`: on a device.
    pub(crate) redirect_host: Option<String>,
}

/// One permission that is asked for.
#[derive(Debug)]
pub(crate) struct Wish {
    pub(crate) resource: String,
    pub(crate) scope: String,
    /// The permission in the API's own words for people.
    pub(crate) words: String,
    /// The application gets it for itself, whoever is signed in.
    pub(crate) as_application: bool,
}

/// An administrator must consent first.
#[derive(Debug, Template)]
#[template(path = "admin_consent.html")]
pub(crate) struct AdminConsentPage {
    pub(crate) shell: Shell,
    pub(crate) wishes: Vec<Wish>,
}

/// The account is somebody else's to check.
#[derive(Debug, Template)]
#[template(path = "at_partner.html")]
pub(crate) struct AtPartnerPage {
    pub(crate) shell: Shell,
    pub(crate) provider: &'static str,
}

/// Stay signed in?
#[derive(Debug, Template)]
#[template(path = "stay_signed_in.html")]
pub(crate) struct StaySignedInPage {
    pub(crate) shell: Shell,
}

/// The code that a device shows.
#[derive(Debug, Template)]
#[template(path = "user_code.html")]
pub(crate) struct UserCodePage {
    pub(crate) notice: Option<Notice>,
}

/// Did you start this on a device of yours?
#[derive(Debug, Template)]
#[template(path = "confirm_device.html")]
pub(crate) struct ConfirmDevicePage {
    pub(crate) shell: Shell,
    /// Where the device asked from.
    pub(crate) ip: String,
}

/// The device has its answer.
#[derive(Debug, Template)]
#[template(path = "device_answered.html")]
pub(crate) struct DeviceAnsweredPage {
    pub(crate) application: String,
    pub(crate) approved: bool,
}

/// No, and why.
#[derive(Debug, Template)]
#[template(path = "refusal.html")]
pub(crate) struct RefusalPage {
    /// `None` where no sign-in goes on from here.
    pub(crate) shell: Option<Shell>,
    pub(crate) error: PageError,
}

/// You are signed out.
#[derive(Debug, Default, Template)]
#[template(path = "signed_out.html")]
pub(crate) struct SignedOutPage {
    /// Applications that are told, in hidden frames.
    pub(crate) frames: Vec<String>,
    /// Where the application wants the person to go on.
    pub(crate) next: Option<String>,
}

/// The person's own page: sessions, consents, password.
#[derive(Debug, Template)]
#[template(path = "account.html")]
pub(crate) struct AccountPage {
    pub(crate) sign_in_name: String,
    pub(crate) display_name: String,
    pub(crate) tenant: String,
    /// Which of the browser's accounts this is.
    pub(crate) sid: String,
    /// Only pages of ours know it: a form without it is another site's.
    pub(crate) canary: String,
    /// What was done, or why it was not.
    pub(crate) said: Option<Said>,
    pub(crate) sessions: Vec<SessionRow>,
    pub(crate) consents: Vec<ConsentRow>,
    /// The account has a password of this tenant's.
    pub(crate) has_password: bool,
}

/// One line above the person's own page.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) text: &'static str,
    /// It did not work.
    pub(crate) refused: bool,
}

/// One place where the person is signed in.
#[derive(Debug)]
pub(crate) struct SessionRow {
    pub(crate) sid: String,
    pub(crate) here: bool,
    pub(crate) browser: String,
    pub(crate) ip: String,
    pub(crate) since: String,
    pub(crate) used: String,
    pub(crate) second_factor: bool,
    pub(crate) applications: Vec<String>,
}

/// One application that the person allowed something.
#[derive(Debug)]
pub(crate) struct ConsentRow {
    pub(crate) tenant: String,
    pub(crate) client: String,
    pub(crate) application: String,
    pub(crate) wishes: Vec<Wish>,
}

/// The form that carries an answer to the application.
#[derive(Debug, Template)]
#[template(path = "form_post.html")]
pub(crate) struct FormPostPage {
    pub(crate) action: String,
    pub(crate) parameters: Vec<(&'static str, String)>,
}

/// The style of all pages.
pub(crate) const STYLE: &str = include_str!("../templates/style.css");

/// SHA-256 of the one line of script in `form_post.html`, as the policy names it.
const SCRIPT_HASH: &str = "ePniVEkSivX/c7XWBGafqh8tSpiRrKiqYeqbG7N1TOE=";

/// Nothing of a sign-in is kept, framed or told on.
const FIXED: [(&str, &str); 7] = [
    ("content-type", "text/html; charset=utf-8"),
    ("cache-control", "no-store, no-cache"),
    ("pragma", "no-cache"),
    ("strict-transport-security", "max-age=31536000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "strict-origin-when-cross-origin"),
];

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest::{SHA256, digest};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::SCRIPT_HASH;

    #[test]
    fn the_policy_allows_the_one_line_of_script_and_no_other() {
        let form_post = include_str!("../templates/form_post.html");
        let script = form_post.split("<script>").nth(1).and_then(|rest| rest.split("</script>").next());
        let hash = STANDARD.encode(digest(&SHA256, script.unwrap_or_default().as_bytes()));
        assert_eq!(hash, SCRIPT_HASH);
    }
}
