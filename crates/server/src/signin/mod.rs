//! The platform's page: one person, one browser, one sign-in, step by step.
//!
//! [`begin`] answers an application's request: silently, where the browser's session and `decide` allow it, else by opening
//! a transaction. The transaction is a row bound to the browser ([`progress`]); [`show`] draws the page it stands at and
//! [`submit`] takes one step of it. Which page that is says [`next`](ropeway_core::signin::next()), from the same decision
//! that refuses a password grant. One file per page that does something: password, second factor, enrolment, new
//! password, consent. [`complete`] is the end: session, code, answer, in one transaction.

mod accounts;
mod complete;
mod consent;
mod device;
mod enrolment;
mod new_password;
mod password;
mod progress;
mod second_factor;
mod sign_out;
mod stand;
mod submit;
mod view;

use ropeway_core::error::Denial;
use ropeway_core::oauth::authorize::Prompt;
use ropeway_core::signin::{Next, Unattended};

use crate::app::App;
use crate::authorize::{Asked, NotAsked, Purpose, Reaction};
use crate::browser::{self, Browser, SetCookies};
use crate::moment::Moment;
use crate::outcome::Stopped;
use crate::record::Draft;
use crate::signin::accounts::Chosen;
use crate::signin::progress::{Opened, Progress};
use crate::signin::stand::{Stand, Visit};
use crate::token::Call;

pub(crate) use device::{ask_for_user_code, user_code_typed};
pub(crate) use progress::Notice;
pub(crate) use sign_out::{SignedOut, sign_out};
pub(crate) use submit::submit;
pub(crate) use view::refusal;

/// Answers an authorization request. `parameters` is its text, for the transaction to keep.
pub(crate) async fn begin(
    app: &App,
    call: &Call,
    purpose: Purpose,
    parameters: &str,
    browser: &Browser,
) -> Result<Reaction, Stopped> {
    let mut answered = begin_once(app, call, purpose, parameters, browser).await;
    while matches!(answered, Err(Stopped::DirectoryChanged)) {
        answered = begin_once(app, call, purpose, parameters, browser).await;
    }
    answered
}

async fn begin_once(
    app: &App,
    call: &Call,
    purpose: Purpose,
    parameters: &str,
    browser: &Browser,
) -> Result<Reaction, Stopped> {
    let asked = match Asked::read(app, call.clone(), purpose) {
        Ok(asked) => asked,
        Err(NotAsked::OnPage(denial)) => return Ok(refusal(call, &denial, SetCookies::default())),
        Err(NotAsked::Reply(reply, denial)) => {
            Draft::new(call).tell_of(&denial);
            return Ok(view::told(call, *reply, &denial, SetCookies::default()));
        }
        Err(NotAsked::Stopped(stopped)) => return Err(stopped),
    };
    let silent = asked.request.prompt == Some(Prompt::None);
    let mut progress = Progress::of(call, purpose, parameters);
    let accounts = accounts::signed_in(app, &call.moment, browser)?;
    match accounts::choose(&asked, &accounts) {
        Chosen::Session(session) => progress.session = Some(session),
        Chosen::Refused(denial) if silent => return refuse_silently(app, &asked, None, denial).await,
        Chosen::Name(_) | Chosen::Nobody if silent => {
            return refuse_silently(app, &asked, None, Denial::new(50058)).await;
        }
        Chosen::Name(name) => progress.name = Some(name),
        Chosen::Nobody | Chosen::Refused(_) => {}
    }
    let visit = Visit { asked, progress, accounts }.placed();
    let stand = visit.stand(app)?;
    if !silent {
        return match stand.next {
            Next::Done(granted) => complete::silently(app, visit, stand.user, granted, browser).await,
            _ => open(app, visit, stand, browser).await,
        };
    }
    let denial = match (&stand.next, &stand.user) {
        (Next::Done(granted), _) => {
            let granted = granted.clone();
            return complete::silently(app, visit, stand.user, granted, browser).await;
        }
        (Next::Refuse(denial), _) => denial.clone(),
        (Next::Step(step), Some(user)) => {
            visit.with_facts(user, |facts| step.as_denial(Unattended::PromptNone, facts))?
        }
        _ => Denial::new(50058),
    };
    refuse_silently(app, &visit.asked, Some(&stand), denial).await
}

/// `prompt=none` and something would have to be asked: recorded like every refusal, and told to the application.
async fn refuse_silently(app: &App, asked: &Asked, stand: Option<&Stand>, denial: Denial) -> Result<Reaction, Stopped> {
    record_refusal(app, asked, stand, &denial).await?;
    Ok(match &asked.reply {
        Some(reply) => view::told(&asked.call, reply.clone(), &denial, SetCookies::default()),
        None => refusal(&asked.call, &denial, SetCookies::default()),
    })
}

/// Writes a refusal into the sign-in log, with whose sign-in it was as far as that is known.
async fn record_refusal(app: &App, asked: &Asked, stand: Option<&Stand>, denial: &Denial) -> Result<(), Stopped> {
    let mut draft = draft(asked);
    if let Some(user) = stand.and_then(|stand| stand.user.as_ref()) {
        draft.is_of(user);
    }
    if let Some(ruling) = stand.and_then(|stand| stand.ruling.as_ref()) {
        draft.ruled(ruling);
    }
    draft.refused(denial);
    draft.tell_of(denial);
    draft.record(app).await
}

/// Keeps where the sign-in stands, and sends the browser to the page.
async fn open(app: &App, visit: Visit, stand: Stand, browser: &Browser) -> Result<Reaction, Stopped> {
    if let Next::Refuse(denial) = &stand.next {
        record_refusal(app, &visit.asked, Some(&stand), denial).await?;
    }
    let mut cookies = SetCookies::default();
    let browser_hash = browser.context_or_new(&app.source, &mut cookies)?;
    let key = browser::new_key(&app.source)?;
    let transaction = visit.progress.transaction(&visit.asked, browser_hash)?;
    let hash = browser::hash(key.expose());
    app.store.write(move |tx| tx.open_transaction(&hash, &transaction)).await?;
    Ok(Reaction::Go(page_path(&visit.asked.call.tenant_segment, key.expose()), cookies))
}

/// Draws the page at which a transaction stands.
pub(crate) async fn show(
    app: &App,
    moment: &Moment,
    origin: &str,
    browser: &Browser,
    key: &str,
) -> Result<Reaction, Stopped> {
    loop {
        let opened = match Opened::find(app, moment, origin, browser, key)? {
            Ok(opened) => opened,
            Err(reaction) => return Ok(*reaction),
        };
        let stood = match opened.visit.stand(app) {
            Ok(stand) => submit::go_on(app, opened, stand, browser).await,
            Err(stopped) => Err(stopped),
        };
        match stood {
            Err(Stopped::DirectoryChanged) => {}
            answered => return answered,
        }
    }
}

/// Where a transaction's page is.
fn page_path(segment: &str, key: &str) -> String {
    format!("/{segment}/login?ctx={key}")
}

/// The row of the sign-in log that this sign-in is to leave.
fn draft(asked: &Asked) -> Draft {
    let mut draft = Draft::new(&asked.call);
    draft.asked_by = "authorize";
    draft.tenant = Some(asked.tenant.clone());
    draft.client = Some(asked.client);
    draft.resource = asked.resolved().ok().and_then(|resolved| resolved.first().map(|first| first.resource.app_id));
    draft
}
