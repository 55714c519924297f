//! One step of a sign-in: what the person sent, kept, and the next page.

use ropeway_core::oauth::form::Form;
use ropeway_core::signin::{Next, Step};
use ropeway_store::{StoreError, Tx};

use super::progress::{Notice, Opened};
use super::stand::Stand;
use super::{complete, consent, enrolment, new_password, page_path, password, second_factor, view};
use crate::app::App;
use crate::authorize::Reaction;
use crate::browser::{Browser, SetCookies};
use crate::moment::Moment;
use crate::outcome::Stopped;
use crate::pages::words;
use crate::record::OpenAttempt;

/// What a step writes in the transaction that moves the sign-in on.
type Run = Box<dyn FnOnce(&Tx<'_>) -> Result<Verdict, StoreError> + Send>;

/// What a step does beside moving the sign-in on.
pub(super) struct Effect {
    /// Committed with the step, or not at all.
    pub(super) run: Run,
    /// The guess that `run` settles. It is given back where `run` is not run.
    pub(super) attempt: Option<OpenAttempt>,
}

/// Whether what a step uses up was still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It counts.
    Counts,
    /// Somebody else used it first.
    Used,
}

/// What the person's answer comes to.
pub(super) enum Taken {
    /// The sign-in moves on, perhaps with a notice.
    Step(Option<Effect>),
    /// The person left: the application is told this, or the device a no.
    Left(Vec<(&'static str, String)>),
}

/// Takes the step that the person sent. A step that another request took first, or that is not the one at which the
/// sign-in stands, changes nothing: the page is shown as it stands now.
pub(crate) async fn submit(
    app: &App,
    moment: &Moment,
    origin: &str,
    browser: &Browser,
    form: &Form,
) -> Result<Reaction, Stopped> {
    loop {
        match submit_once(app, moment, origin, browser, form).await {
            Err(Stopped::DirectoryChanged) => {}
            answered => return answered,
        }
    }
}

async fn submit_once(
    app: &App,
    moment: &Moment,
    origin: &str,
    browser: &Browser,
    form: &Form,
) -> Result<Reaction, Stopped> {
    let key = form.first("ctx").unwrap_or_default().to_owned();
    let mut opened = match Opened::find(app, moment, origin, browser, &key)? {
        Ok(opened) => opened,
        Err(reaction) => return Ok(*reaction),
    };
    let path = page_path(&opened.visit.asked.call.tenant_segment, &key);
    if form.first("flowtoken") != Some(opened.version.to_string().as_str()) {
        return Ok(Reaction::Go(path, SetCookies::default()));
    }
    let stand = opened.visit.stand(app)?;
    let was_refused = matches!(stand.next, Next::Refuse(_));
    opened.visit.progress.notice = None;
    let mut as_it_stands = opened.visit.progress.clone();
    let effect = match take(app, &mut opened, stand, form).await? {
        Taken::Step(effect) => effect,
        Taken::Left(parameters) => {
            return complete::left(app, &opened, parameters).await;
        }
    };
    let (hash, version, document) = (opened.hash(), opened.version, opened.visit.progress.document()?);
    as_it_stands.notice = Some(second_factor::wrong());
    let used = as_it_stands.document()?;
    let taken = app
        .store
        .write(move |tx| {
            if tx.reads().transaction(&hash)?.is_none_or(|found| found.version != version) {
                if let Some(attempt) = effect.and_then(|effect| effect.attempt) {
                    attempt.give_back(tx)?;
                }
                return Ok(false);
            }
            let counts = effect.map_or(Ok(Verdict::Counts), |effect| (effect.run)(tx))? == Verdict::Counts;
            tx.advance_transaction(&hash, version, if counts { &document } else { &used })
        })
        .await?;
    // An attempt may have been settled with it: whoever waits for one looks again.
    app.waiting.settle();
    let told = !taken || was_refused;
    loop {
        match after(app, moment, origin, browser, &key, told).await {
            Err(Stopped::DirectoryChanged) => {}
            Ok(Reaction::Show(..)) => return Ok(Reaction::Go(path, SetCookies::default())),
            answered => return answered,
        }
    }
}

/// Where the sign-in stands after a step. A refusal that the step led to goes into the sign-in log, unless it was `told`
/// there before.
async fn after(
    app: &App,
    moment: &Moment,
    origin: &str,
    browser: &Browser,
    key: &str,
    told: bool,
) -> Result<Reaction, Stopped> {
    let opened = match Opened::find(app, moment, origin, browser, key)? {
        Ok(opened) => opened,
        Err(reaction) => return Ok(*reaction),
    };
    let stand = opened.visit.stand(app)?;
    if let Next::Refuse(denial) = &stand.next
        && !told
    {
        super::record_refusal(app, &opened.visit.asked, Some(&stand), denial).await?;
    }
    go_on(app, opened, stand, browser).await
}

/// The page at which the sign-in stands, or, at its end, the answer to the application.
pub(super) async fn go_on(app: &App, mut opened: Opened, stand: Stand, browser: &Browser) -> Result<Reaction, Stopped> {
    match (&stand.next, stand.user) {
        (Next::Done(granted), Some(user)) => {
            let granted = granted.clone();
            complete::interactively(app, opened, user, granted, browser).await
        }
        (Next::Step(Step::EnrolSecondFactor { .. }), user) if opened.visit.progress.enrolling.is_none() => {
            enrolment::begin(app, &mut opened).await?;
            let stand = Stand { next: stand.next, user, ruling: stand.ruling };
            drawn(&opened, &stand)
        }
        (_, user) => {
            let stand = Stand { next: stand.next, user, ruling: stand.ruling };
            drawn(&opened, &stand)
        }
    }
}

fn drawn(opened: &Opened, stand: &Stand) -> Result<Reaction, Stopped> {
    let page = view::page(opened, stand)?.ok_or_else(|| anyhow::anyhow!("a finished sign-in has no page"))?;
    Ok(Reaction::Show(Box::new(page), SetCookies::default()))
}

async fn take(app: &App, opened: &mut Opened, stand: Stand, form: &Form) -> Result<Taken, Stopped> {
    let action = form.first("action").unwrap_or_default();
    let progress = &mut opened.visit.progress;
    match (&stand.next, action) {
        (Next::Done(_), _) => Ok(Taken::Step(None)),
        (Next::Step(Step::AdminConsent { .. }), "cancel") => Ok(Taken::Left(left(None))),
        (Next::Step(Step::Consent { .. }) | Next::ConsentAgain, "cancel") => {
            Ok(Taken::Left(consent::declined(&opened.visit)))
        }
        (_, "cancel") => Ok(Taken::Left(left(Some("cancel")))),
        (_, "another") => {
            progress.restart();
            Ok(Taken::Step(None))
        }
        (Next::UserName, _) => {
            let name = form.first("loginfmt").unwrap_or_default().trim();
            if name.is_empty() {
                progress.notice = Some(Notice { code: 0, text: words::NAME_WANTED.to_owned() });
            } else {
                progress.name = Some(name.to_owned());
                unknown_name(app, opened).await?;
            }
            Ok(Taken::Step(None))
        }
        (Next::ChooseAccount, _) => {
            let wanted = form.first("session").unwrap_or_default();
            let found = opened.visit.offered().find(|account| account.session.id.to_string() == wanted);
            opened.visit.progress.session = found.map(|account| account.session.id);
            Ok(Taken::Step(None))
        }
        (Next::Step(Step::Password), _) => password::typed(app, opened, stand, form).await,
        (Next::Step(Step::NewPassword), _) => new_password::typed(app, opened, stand, form).await,
        (Next::Step(Step::SecondFactor { .. }), _) => second_factor::typed(app, opened, stand, form).await,
        (Next::Step(Step::EnrolSecondFactor { .. }), _) => enrolment::typed(app, opened, stand, form).await,
        (Next::Step(Step::Consent { .. }) | Next::ConsentAgain, "accept") => consent::accepted(opened, stand, form),
        (Next::ConfirmDevice, "continue") => {
            progress.confirmed = true;
            Ok(Taken::Step(None))
        }
        (Next::StaySignedIn, "yes" | "no") => {
            progress.stay = Some(action == "yes");
            Ok(Taken::Step(None))
        }
        // Nothing to take here: the page is shown again.
        (Next::Step(_) | Next::ConsentAgain | Next::ConfirmDevice | Next::StaySignedIn | Next::Refuse(_), _) => {
            Ok(Taken::Step(None))
        }
    }
}

/// A name that nobody has is said on the page where it was typed.
async fn unknown_name(app: &App, opened: &mut Opened) -> Result<(), Stopped> {
    let name = opened.visit.progress.name.clone().unwrap_or_default();
    opened.visit.asked = opened.visit.asked.clone().in_tenant_of(&name);
    let stand = opened.visit.stand(app)?;
    if let Next::Refuse(denial) = &stand.next
        && denial.code() == 50034
    {
        super::record_refusal(app, &opened.visit.asked, Some(&stand), denial).await?;
        opened.visit.progress.name = None;
        let text = words::UNKNOWN_NAME.to_owned();
        opened.visit.progress.notice = Some(Notice { code: 50034, text });
    }
    Ok(())
}

/// What the application is told when the person left (captured).
fn left(subcode: Option<&str>) -> Vec<(&'static str, String)> {
    let mut parameters = vec![("error", "access_denied".to_owned())];
    parameters.extend(subcode.map(|subcode| ("error_subcode", subcode.to_owned())));
    parameters
}
