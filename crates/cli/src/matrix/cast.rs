//! Who is tried, and through which client: read from the directory, so that any tenant file has a matrix.

use ropeway_core::directory::{
    Application, AuthenticationMethod, ClientPlatform, Directory, IdentityIssuer, Password, PrincipalType,
    RequiredPermission, TenantDirectory, User,
};
use ropeway_core::ids::{AppId, CONSUMER_TENANT};
use ropeway_core::secret::Secret;

/// A client and what it asks for.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) app_id: AppId,
    pub(crate) display_name: String,
    /// None for a public client.
    pub(crate) secret: Option<Secret>,
    /// The API's `.default` scope.
    pub(crate) scope: String,
    /// Where a browser brings its answers, if it is a web application.
    pub(crate) redirect_uri: Option<String>,
}

/// Somebody who signs in.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// What is typed.
    pub(crate) name: String,
    /// Any text will do for one who has no password.
    pub(crate) password: Secret,
    /// Where the account lives, if it is not this tenant's.
    pub(crate) issuer: Option<IdentityIssuer>,
    /// The client this user is for, instead of those of the columns.
    pub(crate) only_through: Option<Client>,
    /// The secret of the person's authenticator app.
    pub(crate) authenticator: Option<Secret>,
}

/// Somebody or something that cannot be tried.
#[derive(Debug, Clone)]
pub(crate) struct NotRun {
    pub(crate) who: String,
    pub(crate) why: &'static str,
}

/// The clients and people of one tenant.
#[derive(Debug)]
pub(crate) struct Cast {
    /// A confidential client that acts for users; a public one where there is none.
    pub(crate) posting: Client,
    /// A public client that acts for users.
    pub(crate) public: Option<Client>,
    /// A web application that signs in on the platform's page.
    pub(crate) on_page: Option<Client>,
    /// Another one, for which the same browser is to be asked nothing.
    pub(crate) second: Option<Client>,
    /// A confidential client with an application permission.
    pub(crate) job: Option<Client>,
    pub(crate) people: Vec<Person>,
    pub(crate) not_run: Vec<NotRun>,
}

impl Cast {
    /// The cast of this tenant; none without a client that acts for users.
    pub(crate) fn of(known: &TenantDirectory, directory: &Directory) -> Option<Self> {
        let own = || known.tenant.applications.iter().filter(|application| !application.built_in);
        let client = |application: &Application| {
            let (resource, secret) = (delegated_resource(known, application)?, secret_of(application));
            Some(Client::new(application, secret, resource))
        };
        let confidential = own().filter(|application| secret_of(application).is_some()).find_map(client);
        let mut public: Vec<&Application> = own().filter(|application| application.is_public()).collect();
        public.sort_by_key(|application| application.app_role_assignment_required);
        let public = public.into_iter().find_map(client);
        let posting = confidential.or_else(|| public.clone())?;
        let mut web: Vec<Client> = own()
            .filter(|application| secret_of(application).is_some())
            .filter_map(client)
            .filter(|client| client.redirect_uri.is_some())
            .collect();
        let second = if web.len() > 1 { web.pop() } else { None };
        let on_page = web.into_iter().next();
        let job = job(known);
        let mut cast = Self { posting, public, on_page, second, job, people: Vec::new(), not_run: Vec::new() };
        for user in &known.users {
            let name = user.sign_in_name().to_owned();
            match password_of(user, directory) {
                Ok(password) => {
                    let only = ONLY_THROUGH.iter().find(|(known, _)| *known == name);
                    let only = only.and_then(|(_, app)| client(known.tenant.application(app.parse().ok()?)?));
                    let issuer = user.external_issuer().cloned();
                    let authenticator = authenticator_of(user, directory);
                    cast.people.push(Person { name, password, issuer, only_through: only, authenticator });
                }
                Err(why) => cast.not_run.push(NotRun { who: name, why }),
            }
        }
        Some(cast)
    }
}

impl Client {
    fn new(application: &Application, secret: Option<Secret>, resource: &Application) -> Self {
        let name = resource.identifier_uris.first().cloned().unwrap_or_else(|| resource.app_id.to_string());
        Self {
            app_id: application.app_id,
            display_name: application.display_name.clone(),
            secret,
            scope: format!("{}/.default", name.trim_end_matches('/')),
            redirect_uri: application
                .redirect_uris
                .iter()
                .find(|(platform, _)| *platform == ClientPlatform::Web)
                .map(|(_, uri)| uri.clone()),
        }
    }
}

/// The API that this client calls for users: what it declares, else what lets it in or was consented to. A tenant's own
/// API comes before Microsoft's.
fn delegated_resource<'d>(known: &'d TenantDirectory, client: &Application) -> Option<&'d Application> {
    let declared = client.required_resource_access.iter().filter(|required| {
        required.resource_access.iter().any(|permission| matches!(permission, RequiredPermission::Scope(_)))
    });
    let pre_authorised = known
        .tenant
        .applications
        .iter()
        .filter(|api| api.pre_authorized_applications.iter().any(|authorised| authorised.app_id == client.app_id));
    let consented = known.oauth2_permission_grants.iter().filter(|grant| grant.client == client.app_id);
    let mut resources: Vec<&Application> = declared
        .map(|required| required.resource)
        .chain(pre_authorised.map(|api| api.app_id))
        .chain(consented.map(|grant| grant.resource))
        .filter_map(|resource| known.tenant.application(resource))
        .collect();
    resources.sort_by_key(|resource| resource.built_in);
    resources.into_iter().next()
}

/// A client that was given an application permission.
fn job(known: &TenantDirectory) -> Option<Client> {
    let given = known.app_role_assignments.iter();
    given.filter(|assignment| assignment.principal_type == PrincipalType::ServicePrincipal).find_map(|assignment| {
        let mut applications = known.tenant.applications.iter();
        let application = applications.find(|application| application.service_principal_id == assignment.principal)?;
        let resource = known.tenant.application(assignment.resource)?;
        Some(Client::new(application, Some(secret_of(application)?), resource))
    })
}

fn secret_of(application: &Application) -> Option<Secret> {
    application.password_credentials.first().map(|credential| credential.secret_text.clone())
}

/// The user's own authenticator app, or the home account's.
fn authenticator_of(user: &User, directory: &Directory) -> Option<Secret> {
    let home = directory.tenants.iter().flat_map(|known| &known.users).filter(|at_home| is_home(at_home, user));
    let method = std::iter::once(user).chain(home).find_map(|user| user.authentication_methods.first())?;
    match method {
        AuthenticationMethod::SoftwareOath { secret_key } => Some(secret_key.clone()),
    }
}

/// What the user types, or why nobody can know that.
fn password_of(user: &User, directory: &Directory) -> Result<Secret, &'static str> {
    let account = match user.external_issuer() {
        None => Some(user),
        Some(IdentityIssuer::ExternalAzureAd) => {
            let home = directory.tenants.iter().flat_map(|known| &known.users).find(|at_home| is_home(at_home, user));
            Some(home.ok_or("the home account is in no tenant of the file")?)
        }
        Some(_) => {
            let consumer = directory.tenants.iter().filter(|known| known.tenant.id == CONSUMER_TENANT);
            consumer.flat_map(|known| &known.users).find(|at_home| is_home(at_home, user))
        }
    };
    match account.and_then(|account| account.password.as_ref()) {
        Some(Password::Plain(password)) => Ok(password.clone()),
        Some(Password::Phc(_)) => Err("the password is known by its hash only"),
        None => Ok(Secret::new("no password")),
    }
}

fn is_home(account: &User, guest: &User) -> bool {
    account.external_issuer().is_none() && account.user_principal_name.eq_ignore_ascii_case(guest.sign_in_name())
}

/// The sample's user who is not assigned to the application that wants it.
const ONLY_THROUGH: [(&str, &str); 1] = [("unassigned@alpine.test", "e0a91000-0000-4000-8000-000000000010")];
