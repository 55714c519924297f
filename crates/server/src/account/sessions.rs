//! Where the person is signed in, and the end of it.

use ropeway_core::policy::session_lifetime;
use uuid::Uuid;

use super::{Deed, Visit};
use crate::outcome::Stopped;
use crate::pages::SessionRow;
use crate::signin::Person;

/// Every browser in which the account is signed in.
pub(super) fn list(visit: &Visit<'_>, person: &Person) -> Result<Vec<SessionRow>, Stopped> {
    let Some(home) = &person.user.home else { return Ok(Vec::new()) };
    let now = visit.moment.in_tenant(&home.tenant);
    let found = visit.app.store.read(|reads| {
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
            browser: open.place.user_agent,
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
pub(super) async fn end(visit: &Visit<'_>, person: &Person) -> Result<Deed, Stopped> {
    let Some(wanted) = visit.form.first("session").and_then(|text| text.parse::<Uuid>().ok()) else {
        return Ok(Deed::Done(""));
    };
    let (tenant, user) = (person.session.home_tenant, person.session.user);
    visit
        .app
        .store
        .write(move |tx| {
            let own = tx.reads().sessions_of_user(tenant, user)?.iter().any(|open| open.session.id == wanted);
            if own { tx.end_session(wanted) } else { Ok(()) }
        })
        .await?;
    Ok(Deed::Done("ended"))
}

/// Ends everything that the person is signed in to, here and elsewhere (Graph: `revokeSignInSessions`).
pub(super) async fn end_all(visit: &Visit<'_>, person: &Person) -> Result<Deed, Stopped> {
    visit.app.revoke_sessions_of(person.session.home_tenant, person.session.user).await?;
    Ok(Deed::SignedOut)
}
