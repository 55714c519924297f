use super::names::{Sort, Target, Unique};
use super::table::SOFTWARE_OATH;
use super::tenant::Builder;
use super::value::Object;
use crate::directory::{
    AuthenticationMethod, Identity, IdentityIssuer, PerUserMfaState, User, UserType, VerifiedDomain,
};

/// Builds the users of a tenant and makes them known by id, user principal name and sign-in name.
pub(super) fn users(builder: &mut Builder<'_, '_>, tenant: &Object, domains: &[VerifiedDomain]) -> Vec<User> {
    let mut sign_in_names = Unique::default();
    let mut users = Vec::new();
    for object in tenant.objects("users") {
        let (Some(name), Some(field)) = (object.text("userPrincipalName"), object.field("userPrincipalName")) else {
            builder.names.miss(Sort::User);
            continue;
        };
        let domain = name.rsplit_once('@').map_or("", |(_, domain)| domain);
        if !domains.iter().any(|known| known.name.eq_ignore_ascii_case(domain)) {
            let known: Vec<&str> = domains.iter().map(|domain| domain.name.as_str()).collect();
            let found = format!("{domain} is no domain of this tenant");
            let remedy = match known.is_empty() {
                true => "add it under verifiedDomains".to_owned(),
                false => format!("add it under verifiedDomains, or use {}", known.join(" or ")),
            };
            builder.reader.fault(field.place, &field.path, found, remedy);
        }
        let user = user(builder, object, name);
        sign_in_names.claim(builder.reader, name, field.place, &field.path, "user");
        if let Some(mail) = object.field("mail").filter(|_| !user.sign_in_name().eq_ignore_ascii_case(name)) {
            sign_in_names.claim(builder.reader, user.sign_in_name(), mail.place, &mail.path, "user");
        }
        for known_as in [user.id.to_string().as_str(), name, user.sign_in_name()] {
            builder.names.add(known_as, Target::User(user.id));
        }
        users.push(user);
    }
    users
}

fn user(builder: &mut Builder<'_, '_>, object: &Object, name: &str) -> User {
    let id = builder.claim_id(object, "user", name);
    let profile = object.object("passwordProfile");
    let own = object.object("ropeway");
    let user = User {
        id,
        user_principal_name: name.to_owned(),
        display_name: object.owned("displayName").unwrap_or_else(|| local_part(name)),
        given_name: object.owned("givenName"),
        surname: object.owned("surname"),
        mail: object.owned("mail"),
        user_type: match object.word("userType") {
            Some("Guest") => UserType::Guest,
            _ => UserType::Member,
        },
        account_enabled: object.flag("accountEnabled").unwrap_or(true),
        identities: object.objects("identities").filter_map(identity).collect(),
        on_premises_sync_enabled: object.flag("onPremisesSyncEnabled").unwrap_or(false),
        on_premises_immutable_id: object.owned("onPremisesImmutableId"),
        password: profile.and_then(|profile| profile.password("password")).cloned(),
        force_change_password_next_sign_in: profile
            .and_then(|profile| profile.flag("forceChangePasswordNextSignIn"))
            .unwrap_or(false),
        last_password_change: object.moment("lastPasswordChangeDateTime"),
        disable_password_expiration: object.words("passwordPolicies").any(|word| word == "DisablePasswordExpiration"),
        per_user_mfa_state: per_user_mfa_state(object),
        authentication_methods: authentication_methods(builder, object),
        sign_in_sessions_valid_from: object.moment("signInSessionsValidFromDateTime"),
        refresh_tokens_valid_from: object.moment("refreshTokensValidFromDateTime"),
        locked_until: own.and_then(|own| own.moment("lockedUntilDateTime")),
        risk_level: own.and_then(|own| own.word("riskLevel")).map(str::to_owned),
        temporary_access_pass: own.and_then(|own| own.secret("temporaryAccessPass")).cloned(),
        pass_through: own.and_then(|own| own.flag("passThrough")).unwrap_or(false),
    };
    check_guest(builder, object, &user);
    user
}

fn check_guest(builder: &mut Builder<'_, '_>, object: &Object, user: &User) {
    if user.user_type != UserType::Guest || user.external_issuer().is_none() {
        return;
    }
    if object.lacks("mail") {
        let found = "a guest whose account lives elsewhere has no mail";
        builder.reader.fault(object.place, &object.path, found, "add mail: the name that the guest types to sign in");
    }
    if let Some(profile) = object.field("passwordProfile").filter(|_| user.password.is_some()) {
        let text = "passwordProfile of a guest has no effect here: the password is that of the home account";
        builder.reader.note(profile.place, &profile.path, text.to_owned());
    }
}

fn identity(object: &Object) -> Option<Identity> {
    Some(Identity {
        sign_in_type: object.text("signInType").unwrap_or("federated").to_owned(),
        issuer: match object.text("issuer")? {
            "ExternalAzureAD" => IdentityIssuer::ExternalAzureAd,
            "MicrosoftAccount" => IdentityIssuer::MicrosoftAccount,
            "google.com" => IdentityIssuer::Google,
            other => IdentityIssuer::Other(other.to_owned()),
        },
        issuer_assigned_id: object.owned("issuerAssignedId"),
    })
}

fn per_user_mfa_state(user: &Object) -> PerUserMfaState {
    let requirements = user.object("authentication").and_then(|authentication| authentication.object("requirements"));
    match requirements.and_then(|requirements| requirements.word("perUserMfaState")) {
        Some("enabled") => PerUserMfaState::Enabled,
        Some("enforced") => PerUserMfaState::Enforced,
        _ => PerUserMfaState::Disabled,
    }
}

fn authentication_methods(builder: &mut Builder<'_, '_>, user: &Object) -> Vec<AuthenticationMethod> {
    let mut methods = Vec::new();
    let listed = user.object("authentication").into_iter().flat_map(|authentication| authentication.objects("methods"));
    for object in listed.filter(|object| object.word("@odata.type") == Some(SOFTWARE_OATH)) {
        match object.secret("secretKey") {
            Some(secret_key) => methods.push(AuthenticationMethod::SoftwareOath { secret_key: secret_key.clone() }),
            None if object.lacks("secretKey") => {
                let remedy = "add secretKey: base32, or { env: NAME }; exports leave it out";
                builder.reader.fault(object.place, &object.path, "an authenticator app has no secretKey", remedy);
            }
            None => {}
        }
    }
    methods
}

fn local_part(name: &str) -> String {
    name.rsplit_once('@').map_or(name, |(local, _)| local).to_owned()
}
