use ropeway_core::directory::{
    AppRoleAssignment, ConsentType, OAuth2PermissionGrant, Password, PrincipalType, TenantClock, User,
};
use ropeway_core::secret::Secret;
use ropeway_core::time::TenantTime;

use crate::fixtures::{ALPINE, FJORD, NOW, WALL, app, directory, member, object, on_every_medium, tenant};

#[tokio::test]
async fn a_tenant_comes_in_once_and_is_left_alone_afterwards() {
    on_every_medium(async |store| {
        let alpine = directory(vec![(tenant(ALPINE, "Alpine"), vec![member(1, "cloud@alpine.test")])]);
        let both = directory(vec![
            (tenant(ALPINE, "Renamed"), vec![member(2, "other@alpine.test")]),
            (tenant(FJORD, "Fjord"), Vec::new()),
        ]);

        let first = store.import(&alpine, WALL).await.unwrap();
        let second = store.import(&both, WALL).await.unwrap();

        assert_eq!((first.added, first.kept), (vec![ALPINE], vec![]));
        assert_eq!((second.added, second.kept), (vec![FJORD], vec![ALPINE]));
        let names: Vec<String> = store.tenants().unwrap().1.into_iter().map(|tenant| tenant.display_name).collect();
        assert_eq!(names, ["Alpine", "Fjord"]);
        assert!(store.read(|reads| reads.user(ALPINE, object(2))).unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_faulty_import_leaves_nothing_behind() {
    on_every_medium(async |store| {
        let twice = vec![member(1, "cloud@alpine.test"), member(2, "CLOUD@alpine.test")];
        let faulty = directory(vec![(tenant(ALPINE, "Alpine"), twice)]);

        let refused = store.import(&faulty, WALL).await;

        assert!(matches!(refused, Err(ropeway_store::StoreError::Conflict(_))), "{refused:?}");
        assert!(store.tenants().unwrap().1.is_empty());
        assert!(store.read(|reads| reads.users(ALPINE)).unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_hash_is_stored_at_once_and_a_plain_password_never() {
    on_every_medium(async |store| {
        let plain = Password::Plain(Secret::new("Summit-2042"));
        let phc = Password::Phc(Secret::new("$argon2id$stored"));
        let users = vec![
            User { password: Some(plain), ..member(1, "cloud@alpine.test") },
            User { password: Some(phc), ..member(2, "hashed@alpine.test") },
        ];

        store.import(&directory(vec![(tenant(ALPINE, "Alpine"), users)]), WALL).await.unwrap();

        store
            .read(|reads| {
                assert_eq!(reads.password_hash(ALPINE, object(1))?, None);
                assert_eq!(reads.password_hash(ALPINE, object(2))?.as_deref(), Some("$argon2id$stored"));
                Ok(())
            })
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_password_without_a_date_was_changed_when_the_tenants_clock_showed_the_import() {
    on_every_medium(async |store| {
        let mut ahead = tenant(ALPINE, "Alpine");
        ahead.settings.clock = TenantClock::Offset { seconds: 86_400 };
        let old = User { last_password_change: Some(TenantTime(1)), ..member(2, "expired@alpine.test") };

        let users = vec![member(1, "cloud@alpine.test"), old];
        store.import(&directory(vec![(ahead, users)]), WALL).await.unwrap();

        let changed =
            |number| store.read(|reads| reads.user(ALPINE, object(number))).unwrap().unwrap().last_password_change;
        assert_eq!(changed(1), Some(NOW.plus_seconds(86_400)));
        assert_eq!(changed(2), Some(TenantTime(1)));
    })
    .await;
}

#[tokio::test]
async fn consents_and_assignments_come_with_the_tenant_and_split_consents_are_joined() {
    on_every_medium(async |store| {
        let grant = |scope: &str| OAuth2PermissionGrant {
            client: app(10),
            consent: ConsentType::Principal(object(1)),
            resource: app(20),
            scopes: vec![scope.to_owned()],
        };
        let assignment = AppRoleAssignment {
            principal: object(1),
            principal_type: PrincipalType::User,
            resource: app(20),
            app_role: None,
        };
        let mut alpine = directory(vec![(tenant(ALPINE, "Alpine"), vec![member(1, "cloud@alpine.test")])]);
        alpine.tenants[0].oauth2_permission_grants = vec![grant("openid"), grant("profile"), grant("openid")];
        alpine.tenants[0].app_role_assignments = vec![assignment.clone()];

        store.import(&alpine, WALL).await.unwrap();

        let (grants, assignments) = store
            .read(|reads| {
                Ok((reads.grants(ALPINE, app(10), object(1))?, reads.app_role_assignments(ALPINE, &[object(1)])?))
            })
            .unwrap();
        assert_eq!(grants, [OAuth2PermissionGrant { scopes: vec!["openid".into(), "profile".into()], ..grant("") }]);
        assert_eq!(assignments, [assignment]);
    })
    .await;
}

#[tokio::test]
async fn every_change_of_the_compiled_part_raises_the_version() {
    on_every_medium(async |store| {
        let before = store.tenants().unwrap().0;

        store.write(|tx| tx.put_tenant(&tenant(ALPINE, "Alpine"))).await.unwrap();
        let added = store.tenants().unwrap();
        store.write(|tx| tx.put_tenant(&tenant(ALPINE, "Renamed"))).await.unwrap();
        let renamed = store.tenants().unwrap();
        store.write(|tx| tx.put_user(ALPINE, &member(1, "cloud@alpine.test"))).await.unwrap();
        let with_user = store.tenants().unwrap();

        assert!(before < added.0 && added.0 < renamed.0);
        assert_eq!(renamed.0, with_user.0, "users are not compiled");
        assert_eq!(renamed.1[0].display_name, "Renamed");
        assert_eq!(renamed.1.len(), 1);
    })
    .await;
}
