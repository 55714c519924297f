use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Issue;
use super::set::{CLOCK_SKEW_SECONDS, Claims};
use crate::directory::{IdentityIssuer, User, UserType};
use crate::ids::{AppId, ObjectId, TenantId};
use crate::time::WallTime;

/// In whose name a token speaks.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    /// A user, through the client.
    User(UserSubject<'a>),
    /// The client itself.
    App,
}

/// A signed-in user as tokens need to know them.
#[derive(Debug, Clone, Copy)]
pub struct UserSubject<'a> {
    /// The user object in the tenant that was signed in to.
    pub user: &'a User,
    /// The tenant of the account itself; for a member, the same tenant. For an account that lives with Google, the same tenant.
    pub home_tenant: TenantId,
    /// The account's object id at home; for a member, the user's own.
    pub home_object: ObjectId,
    /// Every group the user is in, directly or through groups.
    pub groups: &'a [ObjectId],
    /// Those of the groups that are assigned to an application, for `groupMembershipClaims: ApplicationGroup`.
    pub assigned_groups: &'a [(AppId, ObjectId)],
    /// The user's directory roles, by role template id.
    pub directory_roles: &'a [ObjectId],
    /// How the user signed in.
    pub amr: &'a [Amr],
    /// When the user proved who they are.
    pub auth_time: Option<WallTime>,
    /// Seconds until the password expires, where that is soon enough to be told.
    pub password_expires_in: Option<i64>,
}

/// How a user signed in: a value of `amr`
/// (<https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference#amr-claim>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amr {
    /// With a password.
    Pwd,
    /// With more than one factor.
    Mfa,
}

impl Amr {
    fn as_str(self) -> &'static str {
        match self {
            Self::Pwd => "pwd",
            Self::Mfa => "mfa",
        }
    }
}

impl UserSubject<'_> {
    /// `sub`: differs from application to application, so that two of them cannot join what they know
    /// (OpenID Connect Core §8.1, `pairwise`).
    pub(super) fn pairwise(&self, issue: &Issue<'_>, application: AppId) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, issue.pairwise_key);
        let parts = [self.home_object.0, application.0, issue.tenant.id.0];
        URL_SAFE_NO_PAD.encode(hmac::sign(&key, &parts.map(|part| *part.as_bytes()).concat()))
    }

    /// `idp`: only of an account that lives elsewhere.
    pub(super) fn identity_provider(&self, issue: &Issue<'_>) -> Option<String> {
        match self.user.external_issuer() {
            Some(IdentityIssuer::MicrosoftAccount) => Some("live.com".to_owned()),
            Some(IdentityIssuer::Google) => Some("google.com".to_owned()),
            _ if self.home_tenant != issue.tenant.id => Some(issue.issuer.v1(self.home_tenant)),
            _ => None,
        }
    }

    pub(super) fn is_guest(&self) -> bool {
        self.user.user_type == UserType::Guest
    }

    /// `acct`: 1 for a guest.
    pub(super) fn account_status(&self) -> u8 {
        u8::from(self.is_guest())
    }

    /// `upn`. Entra keeps a guest's, which holds `#EXT#`, to itself.
    pub(super) fn upn(&self) -> Option<&str> {
        (!self.is_guest()).then_some(self.user.user_principal_name.as_str())
    }

    /// `puid`: an opaque account number, always the same for one account.
    pub(super) fn puid(&self) -> String {
        let hash = digest(&SHA256, self.home_object.0.as_bytes());
        let digits = hash.as_ref().iter().take(6).map(|byte| format!("{byte:02X}"));
        format!("1003{}", digits.collect::<String>())
    }

    /// `home_oid`: the object id at home of a guest from another Entra tenant.
    pub(super) fn home_oid(&self, issue: &Issue<'_>) -> Option<String> {
        let from_another_tenant = self.user.external_issuer() == Some(&IdentityIssuer::ExternalAzureAd);
        (from_another_tenant && self.home_tenant != issue.tenant.id).then(|| self.home_object.to_string())
    }

    /// `pwd_exp`: seconds after `iat` at which the password expires.
    pub(super) fn password_expiry(&self) -> Option<String> {
        self.password_expires_in.map(|seconds| seconds.saturating_add(CLOCK_SKEW_SECONDS).to_string())
    }

    /// `pwd_url`: where to change a password that expires soon.
    pub(super) fn password_change_url(&self) -> Option<&'static str> {
        self.password_expires_in.map(|_| "https://portal.microsoftonline.com/ChangePassword.aspx")
    }

    /// `login_hint`: opaque to clients, who send it back to sign in or out. Entra's is `O.` before a protocol buffers
    /// message of object id, tenant id and name in base64 (seen in published tokens).
    pub(super) fn login_hint(&self, issue: &Issue<'_>) -> String {
        let fields = [self.user.id.to_string(), issue.tenant.id.to_string(), self.user.sign_in_name().to_owned()];
        let mut message = Vec::new();
        for (number, field) in (1_u8..).zip(fields) {
            message.push(number << 3 | 2);
            let mut length = field.len();
            while length > 0x7F {
                message.push(u8::try_from(length & 0x7F).unwrap_or_default() | 0x80);
                length >>= 7;
            }
            message.push(u8::try_from(length).unwrap_or_default());
            message.extend(field.into_bytes());
        }
        format!("O.{}", URL_SAFE_NO_PAD.encode(message))
    }

    /// What every v2.0 token about a user says of them.
    pub(super) fn add_v2_claims(&self, claims: &mut Claims, issue: &Issue<'_>) {
        if self.is_guest() {
            claims.add_some("email", self.user.mail.as_deref());
        }
        claims.add_some("idp", self.identity_provider(issue));
        if issue.openid_scopes.profile {
            claims.add("name", self.user.display_name.as_str());
            claims.add("preferred_username", self.user.sign_in_name());
        }
    }

    /// What every v1.0 token about a user says of them.
    pub(super) fn add_v1_claims(&self, claims: &mut Claims, issue: &Issue<'_>) {
        claims.add("acr", "1");
        claims.add_list("amr", &self.amr.iter().map(|method| method.as_str().to_owned()).collect::<Vec<_>>());
        if self.is_guest() {
            claims.add_some("email", self.user.mail.as_deref());
        }
        claims.add_some("family_name", self.user.surname.as_deref());
        claims.add_some("given_name", self.user.given_name.as_deref());
        claims.add_some("idp", self.identity_provider(issue));
        claims.add("ipaddr", issue.ip.to_string());
        claims.add("name", self.user.display_name.as_str());
        claims.add("oid", self.user.id.to_string());
        claims.add_some("pwd_exp", self.password_expiry());
        claims.add_some("pwd_url", self.password_change_url());
        claims.add("unique_name", self.unique_name());
        claims.add_some("upn", self.upn());
    }

    fn unique_name(&self) -> String {
        let name = self.user.sign_in_name();
        match self.user.external_issuer() {
            Some(IdentityIssuer::MicrosoftAccount) => format!("live.com#{name}"),
            Some(IdentityIssuer::Google) => format!("google.com#{name}"),
            _ => name.to_owned(),
        }
    }

    /// `altsecid`: how the tenant knows an account that lives elsewhere.
    pub(super) fn alternative_security_id(&self, issue: &Issue<'_>) -> Option<String> {
        match self.user.external_issuer() {
            Some(IdentityIssuer::MicrosoftAccount) => Some(format!("1:live.com:{}", self.puid())),
            Some(IdentityIssuer::Google) => None,
            _ if self.home_tenant != issue.tenant.id => Some(format!("5::{}", self.puid())),
            _ => None,
        }
    }
}

/// The sign-in name in an opaque `login_hint` of ours; any other text is a name itself.
pub fn name_of_login_hint(hint: &str) -> String {
    let inside = || {
        let message = URL_SAFE_NO_PAD.decode(hint.strip_prefix("O.")?).ok()?;
        let mut rest = message.as_slice();
        let mut name = None;
        for number in 1_u8..=3 {
            rest = rest.strip_prefix(&[number << 3 | 2])?;
            let (mut length, mut shift) = (0_usize, 0);
            loop {
                let (byte, after) = rest.split_first()?;
                rest = after;
                length |= usize::from(byte & 0x7F) << shift;
                shift += 7;
                if byte & 0x80 == 0 {
                    break;
                }
                if shift > 14 {
                    return None;
                }
            }
            name = std::str::from_utf8(rest.get(..length)?).ok();
            rest = rest.get(length..)?;
        }
        name.filter(|_| rest.is_empty()).map(str::to_owned)
    };
    inside().unwrap_or_else(|| hint.to_owned())
}
