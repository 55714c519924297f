use super::account::Partner;
use super::facts::Facts;
use crate::error::Denial;
use crate::ids::ObjectId;
use crate::oauth::token::GrantType;
use crate::policy::conditional_access::claims_challenge;

/// Something that only the person can do, on the platform's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Type the password.
    Password,
    /// Sign in at the identity provider that has the account.
    AtPartner(Partner),
    /// Choose a new password.
    NewPassword,
    /// Prove a second factor.
    SecondFactor {
        /// The Conditional Access policies that ask for it; none when the user's or the tenant's own setting does.
        policies: Vec<ObjectId>,
    },
    /// Register a second factor first.
    EnrolSecondFactor {
        /// As for `SecondFactor`.
        policies: Vec<ObjectId>,
    },
    /// Consent to what the application asks for.
    Consent {
        /// The scope values that nobody consented to.
        scopes: Vec<String>,
    },
    /// Have an administrator consent.
    AdminConsent {
        /// The scope values that only an administrator can consent to, among those missing.
        scopes: Vec<String>,
    },
}

/// Who asks with no page to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unattended {
    /// A grant of the token endpoint.
    Grant(GrantType),
    /// `prompt=none` at the authorize endpoint.
    PromptNone,
}

impl Unattended {
    /// Every one, for tables that must have no empty cell.
    pub fn all() -> impl Iterator<Item = Self> {
        GrantType::ALL.into_iter().map(Self::Grant).chain([Self::PromptNone])
    }
}

impl Step {
    /// The refusal that a grant without a page gives in place of this step: the only bridge between the two renderings.
    ///
    /// The row holds both versions' words; `facts` fill its template, and the policies that asked make the `claims`.
    pub fn as_denial(&self, asked_by: Unattended, facts: &Facts<'_>) -> Denial {
        let resource = facts.asked.resource.app_id;
        let denial = match (self, asked_by) {
            // A remembered proof that no longer counts is an expired session (sign-in frequency).
            (
                Self::Password,
                Unattended::Grant(GrantType::RefreshToken | GrantType::AuthorizationCode | GrantType::DeviceCode),
            ) => Denial::new(70043),
            (Self::Password, Unattended::Grant(GrantType::Password | GrantType::ClientCredentials)) => {
                Denial::new(50126)
            }
            // Of a browser's session that does not count any more.
            (Self::Password, Unattended::PromptNone) => Denial::new(50133),
            (Self::AtPartner(_), Unattended::PromptNone) => Denial::new(50058),
            // Entra has no password to compare with, and says what it says to a wrong one (captured).
            (Self::AtPartner(Partner::FederationService), _) => Denial::new(50126),
            // To a tenant, a personal or Google account is a name it does not know (captured; Google inferred).
            (Self::AtPartner(Partner::MicrosoftAccount | Partner::Google), _) => {
                Denial::new(50034).with("tenant", facts.tenant_as_asked)
            }
            (Self::NewPassword, _) => Denial::new(50055),
            (Self::SecondFactor { .. }, _) => Denial::new(50076).with("resource", resource),
            (Self::EnrolSecondFactor { .. }, _) => Denial::new(50079).with("resource", resource),
            (Self::Consent { .. } | Self::AdminConsent { .. }, _) => {
                Denial::new(65001).with("appId", facts.client.app_id).with("appName", &facts.client.display_name)
            }
        };
        match self {
            Self::SecondFactor { policies } | Self::EnrolSecondFactor { policies } => {
                match claims_challenge(policies, facts.claims) {
                    Some(claims) => denial.with_claims(claims),
                    None => denial,
                }
            }
            _ => denial,
        }
    }

    /// What the person must do, in a few words: the matrix and the demo say it beside the code.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Password => "sign in again",
            Self::AtPartner(Partner::FederationService) => "sign in on premises",
            Self::AtPartner(Partner::MicrosoftAccount) => "sign in at live.com",
            Self::AtPartner(Partner::Google) => "sign in at Google",
            Self::NewPassword => "choose a new password",
            Self::SecondFactor { .. } => "prove a second factor",
            Self::EnrolSecondFactor { .. } => "register a second factor",
            Self::Consent { .. } => "consent",
            Self::AdminConsent { .. } => "have an administrator consent",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signin::fixture::Scene;

    #[test]
    fn every_step_is_an_error_for_every_grant_and_version() {
        let scene = Scene::default();
        let facts = scene.facts();
        let policies = || vec![ObjectId(crate::signin::fixture::guid(80))];
        let steps = [
            Step::Password,
            Step::AtPartner(Partner::FederationService),
            Step::AtPartner(Partner::MicrosoftAccount),
            Step::AtPartner(Partner::Google),
            Step::NewPassword,
            Step::SecondFactor { policies: vec![] },
            Step::SecondFactor { policies: policies() },
            Step::EnrolSecondFactor { policies: vec![] },
            Step::EnrolSecondFactor { policies: policies() },
            Step::Consent { scopes: vec![] },
            Step::AdminConsent { scopes: vec![] },
        ];
        for step in &steps {
            for grant in Unattended::all() {
                let denial = step.as_denial(grant, &facts);
                assert_ne!(denial.code(), 50000, "{step:?} {grant:?}");
                for error in [denial.row().error, denial.row().error_v1] {
                    assert!(!error.is_empty(), "{step:?} {grant:?}");
                }
                assert!(!denial.message().contains(['{', '}']) || denial.code() == 50034, "{}", denial.message());
                let asked_by_policy = matches!(
                    step,
                    Step::SecondFactor { policies } | Step::EnrolSecondFactor { policies } if !policies.is_empty()
                );
                assert_eq!(denial.claims().is_some(), asked_by_policy, "{step:?}");
                assert!(!step.remedy().is_empty());
            }
        }
    }
}
