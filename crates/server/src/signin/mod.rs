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

use std::sync::Arc;

use ropeway_core::error::Denial;
use ropeway_core::oauth::authorize::Prompt;
use ropeway_core::signin::{Next, Session, Unattended};

use crate::app::App;
use crate::authorize::{Asked, NotAsked, Purpose, Reaction};
use crate::browser::{self, Browser, SetCookies};
use crate::facts::LoadedUser;
use crate::moment::Moment;
use crate::outcome::Stopped;
use crate::record::Draft;
use crate::signin::accounts::Chosen;
use crate::signin::progress::{Opened, Progress};
use crate::signin::stand::{Stand, Visit};
use crate::snapshot::Snapshot;
use crate::token::Call;

pub(crate) use consent::wish;
pub(crate) use device::{ask_for_user_code, user_code_typed};
pub(crate) use new_password::{change, complaint};
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
    let (visit, stand) = match arrive(app, call, purpose, parameters, browser).await? {
        Ok(arrived) => arrived,
        Err(reaction) => return Ok(*reaction),
    };
    let denial = match (&stand.next, &stand.user) {
        (Next::Done(granted), _) => {
            let granted = granted.clone();
            return complete::silently(app, visit, stand.user, granted, browser).await;
        }
        _ if visit.asked.request.prompt != Some(Prompt::None) => return open(app, visit, stand, browser).await,
        (Next::Refuse(denial), _) => denial.clone(),
        (Next::Step(step), Some(user)) => {
            visit.with_facts(user, |facts| step.as_denial(Unattended::PromptNone, facts))?
        }
        _ => Denial::new(50058),
    };
    refuse_silently(app, &visit.asked, Some(&stand), denial).await
}

/// Understands the request, and looks at whom it means of those who are signed in to in this browser; or what the browser
/// is answered with where that cannot be.
async fn arrive(
    app: &App,
    call: &Call,
    purpose: Purpose,
    parameters: &str,
    browser: &Browser,
) -> Result<Result<(Visit, Stand), Box<Reaction>>, Stopped> {
    let asked = match Asked::read(app, call.clone(), purpose) {
        Ok(asked) => asked,
        Err(NotAsked::OnPage(denial)) => return Ok(Err(Box::new(refusal(call, &denial, SetCookies::default())))),
        Err(NotAsked::Reply(reply, denial)) => {
            Draft::new(call).tell_of(&denial);
            return Ok(Err(Box::new(view::told(call, *reply, &denial, SetCookies::default()))));
        }
        Err(NotAsked::Stopped(stopped)) => return Err(stopped),
    };
    let silent = asked.request.prompt == Some(Prompt::None);
    let mut progress = Progress::of(call, purpose, parameters);
    let accounts = accounts::signed_in(app, &call.moment, browser)?;
    let denial = match accounts::choose(&asked, &accounts) {
        Chosen::Session(session) => {
            progress.session = Some(session);
            None
        }
        Chosen::Refused(denial) if silent => Some(denial),
        Chosen::Name(_) | Chosen::Nobody if silent => Some(Denial::new(50058)),
        Chosen::Name(name) => {
            progress.name = Some(name);
            None
        }
        Chosen::Nobody | Chosen::Refused(_) => None,
    };
    if let Some(denial) = denial {
        return Ok(Err(Box::new(refuse_silently(app, &asked, None, denial).await?)));
    }
    let visit = Visit { asked, progress, accounts }.placed();
    let stand = visit.stand(app)?;
    Ok(Ok((visit, stand)))
}

/// A person who is signed in in this browser.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) session: Session,
    pub(crate) user: LoadedUser,
    pub(crate) snapshot: Arc<Snapshot>,
}

/// Who is signed in, for a page of theirs; or what leads there. The same decision rules it as any application's sign-in.
pub(crate) async fn person(
    app: &App,
    call: &Call,
    parameters: &str,
    browser: &Browser,
) -> Result<Result<Box<Person>, Box<Reaction>>, Stopped> {
    loop {
        match person_once(app, call, parameters, browser).await {
            Err(Stopped::DirectoryChanged) => {}
            answered => return answered,
        }
    }
}

async fn person_once(
    app: &App,
    call: &Call,
    parameters: &str,
    browser: &Browser,
) -> Result<Result<Box<Person>, Box<Reaction>>, Stopped> {
    let (visit, stand) = match arrive(app, call, Purpose::Account, parameters, browser).await? {
        Ok(arrived) => arrived,
        Err(reaction) => return Ok(Err(reaction)),
    };
    let session = visit.chosen().map(|account| account.session);
    match (&stand.next, session) {
        (Next::Done(_), Some(session)) => {
            let user = stand.user.ok_or_else(|| anyhow::anyhow!("a session of nobody"))?;
            Ok(Ok(Box::new(Person { session, user, snapshot: Arc::clone(&visit.asked.snapshot) })))
        }
        _ => Ok(Err(Box::new(open(app, visit, stand, browser).await?))),
    }
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
