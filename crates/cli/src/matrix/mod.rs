//! The matrix: every test user and every flow, really run over HTTPS against a private copy of the directory.
//!
//! [`cast`] reads from the directory who is tried through which client, [`flow`] runs, [`private_copy`] is what it runs
//! against, [`table`] shows the result to people and programs. Nothing here says how a flow ought to end.

pub(crate) mod cast;
pub(crate) mod flow;
mod page;
mod private_copy;
mod table;

use ropeway_core::directory::{Directory, TenantDirectory};
use ropeway_core::ids::CONSUMER_TENANT;
use ropeway_core::secret::Secret;

use cast::{Cast, Client, NotRun, Person};
use flow::{Flow, Outcome, Runner};
use page::Browser;
use private_copy::PrivateCopy;

/// The matrix of a directory.
#[derive(Debug)]
pub(crate) struct Matrix {
    /// One for each tenant that has a client to try.
    pub(crate) tenants: Vec<TenantMatrix>,
}

/// The matrix of one tenant.
#[derive(Debug)]
pub(crate) struct TenantMatrix {
    pub(crate) tenant_id: String,
    pub(crate) display_name: String,
    cast: Cast,
    pub(crate) rows: Vec<Row>,
}

/// One user, or the application by itself.
#[derive(Debug)]
pub(crate) struct Row {
    /// The sign-in name, or the application's name.
    pub(crate) who: String,
    /// What is special about this row.
    pub(crate) note: Option<&'static str>,
    /// A client of its own, where the columns' clients were not used.
    through: Option<String>,
    cells: Vec<(Flow, Outcome)>,
}

impl Row {
    fn new(who: &str) -> Self {
        Self { who: who.to_owned(), note: None, through: None, cells: Vec::new() }
    }

    /// How this flow ended; none if it does not apply.
    pub(crate) fn cell(&self, flow: Flow) -> Option<&Outcome> {
        self.cells.iter().find(|(known, _)| *known == flow).map(|(_, outcome)| outcome)
    }
}

/// Starts a copy of the directory, runs everything against it, and drops it.
///
/// # Errors
/// The copy cannot be started, or answers what is neither a token nor a refusal.
pub(crate) async fn run(directory: &Directory) -> anyhow::Result<Matrix> {
    let copy = PrivateCopy::start(directory.clone()).await?;
    let mut tenants = Vec::new();
    for known in directory.tenants.iter().filter(|known| known.tenant.id != CONSUMER_TENANT) {
        if let Some(cast) = Cast::of(known, directory) {
            tenants.push(of_tenant(&Runner { copy: &copy, tenant: known.tenant.id }, known, cast).await?);
        }
    }
    copy.stop().await;
    Ok(Matrix { tenants })
}

async fn of_tenant(runner: &Runner<'_>, known: &TenantDirectory, cast: Cast) -> anyhow::Result<TenantMatrix> {
    let mut rows = Vec::new();
    for person in &cast.people {
        rows.push(of_person(runner, &cast, person).await?);
    }
    let stranger = format!("nobody@{}", known.tenant.default_domain());
    if !cast.people.iter().any(|person| person.name.eq_ignore_ascii_case(&stranger)) {
        let stranger = Person {
            name: stranger,
            password: Secret::new("any"),
            issuer: None,
            only_through: None,
            authenticator: None,
        };
        rows.push(Row { note: Some("no such user"), ..of_person(runner, &cast, &stranger).await? });
    }
    let signs_in = |row: &Row| row.cell(Flow::Password) == Some(&Outcome::Tokens);
    let somebody = rows.iter().find(|row| signs_in(row)).map(|row| row.who.clone());
    if let Some(person) = cast.people.iter().find(|person| Some(&person.name) == somebody.as_ref()) {
        let wrong = Secret::new(format!("{} not", person.password.expose()));
        let mistyped = Person { password: wrong, ..person.clone() };
        rows.push(Row { note: Some("wrong password"), ..of_person(runner, &cast, &mistyped).await? });
    }
    if let Some(job) = &cast.job {
        let outcome = runner.client_credentials(job).await?;
        let cells = vec![(Flow::ClientCredentials, outcome)];
        rows.push(Row { note: Some("application"), cells, ..Row::new(&job.display_name) });
    }
    Ok(TenantMatrix {
        tenant_id: known.tenant.id.to_string(),
        display_name: known.tenant.display_name.clone(),
        cast,
        rows,
    })
}

async fn of_person(runner: &Runner<'_>, cast: &Cast, person: &Person) -> anyhow::Result<Row> {
    let own = person.only_through.as_ref();
    let posting = own.unwrap_or(&cast.posting);
    let mut row = Row { through: own.map(|client| client.display_name.clone()), ..Row::new(&person.name) };
    let posted = runner.password(person, posting).await?;
    let refreshes = posted == Outcome::Tokens;
    row.cells.push((Flow::Password, posted));
    if let Some(public) = own.or(cast.public.as_ref()) {
        row.cells.push((Flow::MsalPassword, runner.msal_password(person, public).await?));
    }
    if refreshes && let Some(outcome) = runner.refresh_token(person, posting).await? {
        row.cells.push((Flow::RefreshToken, outcome));
    }
    // Last, because on the page a person changes what refused the others. A client without a redirect URI has no page.
    let on_page = own.or(cast.on_page.as_ref()).filter(|client| client.redirect_uri.is_some());
    let mut browser = Browser::new(runner);
    if let Some(client) = on_page {
        let outcome = browser.sign_in(person, client).await?;
        let signed_in = matches!(outcome, Outcome::OnPage { .. });
        row.cells.push((Flow::Page, outcome));
        if let Some(second) = cast.second.as_ref().filter(|_| signed_in) {
            row.cells.push((Flow::SingleSignOn, browser.silently(second).await?));
        }
    }
    if let Some(device) = own.or(cast.public.as_ref()) {
        row.cells.push((Flow::DeviceCode, browser.device_code(person, device).await?));
    }
    Ok(row)
}

impl TenantMatrix {
    /// The client of a column; none where the tenant has no such client.
    fn client(&self, flow: Flow) -> Option<&Client> {
        match flow {
            Flow::Password | Flow::RefreshToken => Some(&self.cast.posting),
            Flow::MsalPassword | Flow::DeviceCode => self.cast.public.as_ref(),
            Flow::Page => self.cast.on_page.as_ref(),
            Flow::SingleSignOn => self.cast.second.as_ref(),
            Flow::ClientCredentials => self.cast.job.as_ref(),
        }
    }

    fn not_run(&self) -> &[NotRun] {
        &self.cast.not_run
    }
}
