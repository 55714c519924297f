//! Where the person is signed in, and the end of it.

use ropeway_core::policy::session_lifetime;
use uuid::Uuid;

use super::{Deed, PageCall};
use crate::outcome::Stopped;
use crate::pages::SessionRow;
use crate::signin::Person;

/// Every browser in which the account is signed in.
pub(super) fn list(call: &PageCall<'_>, person: &Person) -> Result<Vec<SessionRow>, Stopped> {
    let Some(home) = &person.user.home else { return Ok(Vec::new()) };
    let now = call.moment.in_tenant(&home.tenant);
    let found = call.app.store.read(|reads| {
        let mut found = Vec::new();
        for open in reads.sessions_of_user(home.tenant.id, home.user.id)? {
            let applications = reads.apps_of_session(open.session.id)?;
            found.push((open, applications));
        }
        Ok(found)
    })?;
    let alive = found
        .into_iter()
        .filter(|(open, _)| session_lifetime::evaluate(&open.session.proofs, &home.user, now).is_none());
    Ok(alive
        .map(|(open, applications)| SessionRow {
            sid: open.session.id.to_string(),
            here: open.session.id == person.session.id,
            browser: known_as(&open.place.user_agent),
            ip: open.place.ip,
            since: open.session.proofs.started_at.to_entra_timestamp(),
            used: open.session.proofs.used_at.to_entra_timestamp(),
            second_factor: open.session.proofs.second_factor_at.is_some(),
            applications: applications
                .into_iter()
                .filter_map(|(tenant, app)| person.snapshot.tenant(tenant)?.application(app))
                .filter(|app| !app.built_in)
                .map(|app| app.display_name.clone())
                .collect(),
        })
        .collect())
}

/// Ends one browser's session, if it is the person's.
pub(super) async fn end(call: &PageCall<'_>, person: &Person) -> Result<Deed, Stopped> {
    let Some(wanted) = call.form.first("session").and_then(|text| text.parse::<Uuid>().ok()) else {
        return Ok(Deed::Done(""));
    };
    let (tenant, user) = (person.session.home_tenant, person.session.user);
    call.app
        .store
        .write(move |tx| {
            let own = tx.reads().sessions_of_user(tenant, user)?.iter().any(|open| open.session.id == wanted);
            if own { tx.end_session(wanted) } else { Ok(()) }
        })
        .await?;
    Ok(Deed::Done("ended"))
}

/// Ends everything that the person is signed in to, here and elsewhere (Graph: `revokeSignInSessions`).
pub(super) async fn end_all(call: &PageCall<'_>, person: &Person) -> Result<Deed, Stopped> {
    call.app.revoke_sessions_of(person.session.home_tenant, person.session.user).await?;
    Ok(Deed::SignedOut)
}

/// What a person knows a browser by. One that calls itself like none of these stands as it calls itself.
fn known_as(user_agent: &str) -> String {
    let find = |names: &[(&str, &'static str)]| {
        names.iter().find(|(token, _)| user_agent.contains(token)).map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, _) => user_agent.to_owned(),
    }
}

/// The order counts: each also calls itself by the names of later ones.
const BROWSERS: [(&str, &str); 8] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "a Mac"),
    ("CrOS", "a Chromebook"),
    ("Linux", "Linux"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_told_as_a_person_knows_it() {
        const KHTML: &str = "AppleWebKit/537.36 (KHTML, like Gecko)";
        let cases = [
            (
                format!("Mozilla/5.0 (X11; Linux x86_64) {KHTML} HeadlessChrome/156.0.0.0 Safari/537.36"),
                "Chrome on Linux",
            ),
            (format!("Mozilla/5.0 (Windows NT 10.0) {KHTML} Chrome/156.0 Safari/537.36 Edg/156.0"), "Edge on Windows"),
            (format!("Mozilla/5.0 (Linux; Android 16) {KHTML} Chrome/156.0 Mobile Safari/537.36"), "Chrome on Android"),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 15.1; rv:150.0) Gecko/20100101 Firefox/150.0".to_owned(),
                "Firefox on a Mac",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 Version/19.0 Safari/604.1"
                    .to_owned(),
                "Safari on an iPhone",
            ),
            ("Firefox/150.0".to_owned(), "Firefox"),
            ("curl/8.10".to_owned(), "curl/8.10"),
            (String::new(), ""),
        ];
        for (user_agent, expected) in cases {
            assert_eq!(known_as(&user_agent), expected, "{user_agent}");
        }
    }
}
