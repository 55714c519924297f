use proptest::option;
use proptest::prelude::*;
use ropeway_core::directory::{
    Application, AuthenticationMethod, Group, Identity, IdentityIssuer, PasswordCredential, PerUserMfaState, Tenant,
    TenantClock, User, UserType,
};
use ropeway_core::ids::{AppId, ObjectId};
use ropeway_core::secret::Secret;
use ropeway_core::time::TenantTime;
use ropeway_store::Store;
use uuid::Uuid;

use crate::fixtures::{ALPINE, member, tenant};

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z@.#]{0,12}", any::<String>()]
}

fn time() -> impl Strategy<Value = TenantTime> {
    any::<i64>().prop_map(TenantTime)
}

fn object() -> impl Strategy<Value = ObjectId> {
    any::<u128>().prop_map(|id| ObjectId(Uuid::from_u128(id)))
}

fn user() -> impl Strategy<Value = User> {
    let names = (object(), text(), text(), option::of(text()), option::of(text()), option::of(text()));
    let kinds = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), option::of(text()));
    let times = (option::of(time()), option::of(time()), option::of(time()));
    let issuer = prop_oneof![
        Just(IdentityIssuer::ExternalAzureAd),
        Just(IdentityIssuer::MicrosoftAccount),
        Just(IdentityIssuer::Google),
        text().prop_map(IdentityIssuer::Other),
    ];
    let identity = (text(), issuer, option::of(text()))
        .prop_map(|(sign_in_type, issuer, issuer_assigned_id)| Identity { sign_in_type, issuer, issuer_assigned_id });
    let method = text().prop_map(|key| AuthenticationMethod::SoftwareOath { secret_key: Secret::new(key) });
    let state =
        prop_oneof![Just(PerUserMfaState::Disabled), Just(PerUserMfaState::Enabled), Just(PerUserMfaState::Enforced)];
    let proofs = (prop::collection::vec(method, 0..3), state, option::of(text()));
    (names, kinds, times, prop::collection::vec(identity, 0..3), proofs).prop_map(
        |(names, kinds, times, identities, (authentication_methods, per_user_mfa_state, pass))| User {
            id: names.0,
            user_principal_name: names.1,
            display_name: names.2,
            given_name: names.3,
            surname: names.4,
            mail: names.5,
            user_type: if kinds.0 { UserType::Guest } else { UserType::Member },
            account_enabled: kinds.1,
            on_premises_sync_enabled: kinds.2,
            force_change_password_next_sign_in: kinds.3,
            disable_password_expiration: kinds.4,
            risk_level: kinds.5,
            last_password_change: times.0,
            sign_in_sessions_valid_from: times.1,
            refresh_tokens_valid_from: times.1,
            locked_until: times.2,
            identities,
            authentication_methods,
            per_user_mfa_state,
            temporary_access_pass: pass.map(Secret::new),
            ..member(1, "")
        },
    )
}

fn changed_tenant() -> impl Strategy<Value = Tenant> {
    let clock = prop_oneof![
        any::<i64>().prop_map(|seconds| TenantClock::Offset { seconds }),
        time().prop_map(|at| TenantClock::Frozen { at }),
    ];
    let group = (object(), text(), prop::collection::vec(object(), 0..4)).prop_map(|(id, display_name, members)| {
        Group { id, display_name, security_enabled: true, members: members.into_iter().collect() }
    });
    let secret = (option::of(text()), text(), option::of(time())).prop_map(|(display_name, secret, end)| {
        PasswordCredential { display_name, secret_text: Secret::new(secret), start: None, end }
    });
    let application = (object(), text(), prop::collection::vec(text(), 0..3), prop::collection::vec(secret, 0..3))
        .prop_map(|(id, display_name, identifier_uris, password_credentials)| Application {
            app_id: AppId(id.0),
            id,
            service_principal_id: id,
            display_name,
            identifier_uris,
            requested_access_token_version: 2,
            oauth2_permission_scopes: Vec::new(),
            app_roles: Vec::new(),
            pre_authorized_applications: Vec::new(),
            required_resource_access: Vec::new(),
            password_credentials,
            key_credentials: Vec::new(),
            federated_identity_credentials: Vec::new(),
            is_fallback_public_client: true,
            redirect_uris: Vec::new(),
            id_token_issuance: false,
            logout_url: None,
            group_membership_claims: Vec::new(),
            optional_id_token_claims: Vec::new(),
            optional_access_token_claims: Vec::new(),
            account_enabled: true,
            app_role_assignment_required: false,
            foci: false,
            built_in: false,
        });
    let many = (prop::collection::vec(group, 0..4), prop::collection::vec(application, 0..4));
    (text(), clock, many).prop_map(|(name, clock, (groups, applications))| {
        let mut changed = Tenant { groups, applications, ..tenant(ALPINE, &name) };
        changed.settings.clock = clock;
        changed
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn users_and_tenants_come_back_as_they_went_in(user in user(), tenant in changed_tenant()) {
        let store = Store::in_memory().unwrap();
        let (put_user, put_tenant) = (user.clone(), tenant.clone());
        let written = store.write(move |tx| {
            tx.put_tenant(&put_tenant)?;
            tx.put_user(ALPINE, &put_user)
        });
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(written).unwrap();

        let (tenants, by_id, by_name) = store
            .read(|reads| {
                let by_name = reads.user_by_sign_in_name(ALPINE, &user.sign_in_name().to_uppercase().to_lowercase())?;
                Ok((reads.tenants()?, reads.user(ALPINE, user.id)?.unwrap(), by_name))
            })
            .unwrap();

        prop_assert_eq!(serde_json::to_value(&tenants).unwrap(), serde_json::to_value([&tenant]).unwrap());
        prop_assert_eq!(serde_json::to_value(&by_id).unwrap(), serde_json::to_value(&user).unwrap());
        let pass = |user: &User| user.temporary_access_pass.as_ref().map(|pass| pass.expose().to_owned());
        prop_assert_eq!(pass(&by_id), pass(&user));
        if user.sign_in_name().is_ascii() {
            let hidden = user.sign_in_name().to_lowercase().contains("#ext#");
            prop_assert_eq!(by_name.is_some(), !hidden);
        }
    }
}
