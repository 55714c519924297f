use super::account::Partner;
use super::decide::{Decision, Granted};
use super::step::Step;
use crate::error::Denial;
use crate::oauth::authorize::Prompt;

/// Where a sign-in on the platform's page stands, besides what [`decide`](super::decide()) says of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// How the application wants the person to be asked.
    pub prompt: Option<Prompt>,
    /// Somebody typed a name, chose an account, or was meant by a hint.
    pub named: bool,
    /// Accounts that are signed in to in this browser, and that the application may mean.
    pub accounts: usize,
    /// Where the person is sent unasked, because the application says that they are at home there.
    pub at_partner: Option<Partner>,
    /// A credential was typed in this very sign-in.
    pub typed: bool,
    /// The person answered the consent page in this very sign-in.
    pub consented: bool,
    /// The person said whether to stay signed in.
    pub stay_answered: bool,
    /// A device asks, and the person has not confirmed that it is theirs.
    pub unconfirmed: bool,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Ask for the name.
    UserName,
    /// Ask which account.
    ChooseAccount,
    /// Ask what only the person can answer.
    Step(Step),
    /// Ask for consent once more, as the application wished.
    ConsentAgain,
    /// Ask whether the person started this on a device of theirs.
    ConfirmDevice,
    /// Ask whether to stay signed in.
    StaySignedIn,
    /// Answer the application.
    Done(Granted),
    /// Say no.
    Refuse(Denial),
}

/// The pages' state machine: the same decision that refuses a password grant says here which page is shown.
///
/// `decided` is asked once somebody is named. The order of the last two pages is Entra's as far as it is on record: consent
/// before the question whether to stay signed in (inferred); that question is asked where a credential was typed and
/// `prompt=login` did not ask for one
/// (<https://learn.microsoft.com/entra/fundamentals/how-to-manage-stay-signed-in-prompt>). Whoever signs in for a device
/// confirms last of all which application gets the sign-in (inferred).
pub fn next(standing: &Standing, decided: impl FnOnce() -> Decision) -> Next {
    if !standing.named {
        return match standing.at_partner {
            _ if standing.accounts > 0 && standing.prompt != Some(Prompt::Login) => Next::ChooseAccount,
            Some(partner) => Next::Step(Step::AtPartner(partner)),
            None => Next::UserName,
        };
    }
    match decided() {
        Decision::Deny(denial) => Next::Refuse(denial),
        Decision::Interrupt(step) => Next::Step(step),
        Decision::Grant(_) if standing.prompt == Some(Prompt::Consent) && !standing.consented => Next::ConsentAgain,
        Decision::Grant(_) if standing.typed && !standing.stay_answered && standing.prompt != Some(Prompt::Login) => {
            Next::StaySignedIn
        }
        Decision::Grant(_) if standing.unconfirmed => Next::ConfirmDevice,
        Decision::Grant(granted) => Next::Done(granted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_page_after_the_other() {
        let nobody = Standing::default();
        let named = Standing { named: true, ..nobody };
        let typed = Standing { typed: true, ..named };
        let granted = || Granted {
            scopes: Vec::new(),
            resource_roles: Vec::new(),
            client_roles: Vec::new(),
            contexts: Vec::new(),
        };
        let grant = || Decision::Grant(granted());
        let login = Some(Prompt::Login);
        let consent = Some(Prompt::Consent);
        let service = Partner::FederationService;
        let at_partner = Some(service);
        let cases = [
            ("nobody known", nobody, grant(), Next::UserName),
            ("accounts to choose from", Standing { accounts: 2, ..nobody }, grant(), Next::ChooseAccount),
            ("at home elsewhere", Standing { at_partner, ..nobody }, grant(), Next::Step(Step::AtPartner(service))),
            ("and yet signed in to", Standing { accounts: 2, at_partner, ..nobody }, grant(), Next::ChooseAccount),
            ("and named", Standing { at_partner, ..named }, grant(), Next::Done(granted())),
            ("prompt=login offers none", Standing { accounts: 2, prompt: login, ..nobody }, grant(), Next::UserName),
            ("a step is a page", named, Decision::Interrupt(Step::NewPassword), Next::Step(Step::NewPassword)),
            ("no is no", named, Decision::Deny(Denial::new(50053)), Next::Refuse(Denial::new(50053))),
            ("silently", named, grant(), Next::Done(granted())),
            ("a password was typed", typed, grant(), Next::StaySignedIn),
            ("and the question answered", Standing { stay_answered: true, ..typed }, grant(), Next::Done(granted())),
            ("prompt=login does not ask it", Standing { prompt: login, ..typed }, grant(), Next::Done(granted())),
            ("a device is confirmed", Standing { unconfirmed: true, ..named }, grant(), Next::ConfirmDevice),
            ("prompt=consent asks again", Standing { prompt: consent, ..named }, grant(), Next::ConsentAgain),
            ("and once", Standing { prompt: consent, consented: true, ..named }, grant(), Next::Done(granted())),
        ];
        for (name, standing, decision, expected) in cases {
            assert_eq!(next(&standing, || decision), expected, "{name}");
        }
    }
}
