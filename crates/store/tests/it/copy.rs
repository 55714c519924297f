use ropeway_core::directory::{ConsentType, Directory, OAuth2PermissionGrant};
use ropeway_core::ids::TenantId;
use ropeway_core::secret::Secret;
use ropeway_store::StoreError;
use uuid::Uuid;

use crate::fixtures::{ALPINE, FJORD, NOW, WALL, app, directory, member, object, on_every_medium, tenant};

const COPY: TenantId = TenantId(Uuid::from_u128(0xc0ffee00_0000_4000_8000_000000000001));

fn alpine() -> Directory {
    directory(vec![(tenant(ALPINE, "Alpine"), vec![member(1, "cloud@alpine.test"), member(2, "other@alpine.test")])])
}

#[tokio::test]
async fn a_copy_has_users_hashes_and_consents_under_ids_of_its_own() {
    on_every_medium(async |store| {
        store.import(&alpine(), WALL).await.unwrap();
        // A gap in the positions: a consent must still find its own user.
        store
            .write(|tx| {
                tx.put_user(ALPINE, &member(90, "gone@alpine.test"))?;
                tx.put_user(ALPINE, &member(91, "last@alpine.test"))?;
                tx.delete_user(ALPINE, object(90))?;
                tx.set_password_hash(ALPINE, object(91), &Secret::new("a hash"), Some(NOW))?;
                let grant = |consent, scope: &str| OAuth2PermissionGrant {
                    client: app(1),
                    consent,
                    resource: app(2),
                    scopes: vec![scope.to_owned()],
                };
                tx.put_grant(ALPINE, &grant(ConsentType::Principal(object(91)), "own"))?;
                tx.put_grant(ALPINE, &grant(ConsentType::AllPrincipals, "all"))
            })
            .await
            .unwrap();
        let before = store.read(|reads| Ok((reads.users(ALPINE)?.len(), reads.all_grants(ALPINE)?.len()))).unwrap();

        let copied = store.write(|tx| tx.copy_tenant(ALPINE, COPY)).await.unwrap().unwrap();

        assert_eq!(copied.id, COPY);
        let after = store.read(|reads| Ok((reads.users(COPY)?.len(), reads.all_grants(COPY)?.len()))).unwrap();
        assert_eq!(after, before);
        let name = "last@c0ffee00.alpine.test";
        let last = store.read(|reads| reads.user_by_sign_in_name(COPY, name)).unwrap().unwrap();
        assert_ne!(last.id, object(91));
        assert_eq!(store.read(|reads| reads.password_hash(COPY, last.id)).unwrap().as_deref(), Some("a hash"));
        let mut scopes: Vec<_> = store
            .read(|reads| reads.grants(COPY, app(1), last.id))
            .unwrap()
            .into_iter()
            .filter(|grant| grant.resource == app(2))
            .flat_map(|grant| grant.scopes)
            .collect();
        scopes.sort();
        assert_eq!(scopes, ["all", "own"]);
        let twice = store.write(|tx| tx.copy_tenant(ALPINE, COPY)).await;
        assert!(matches!(twice, Err(StoreError::Conflict(_))), "{twice:?}");
        let nowhere = store.write(|tx| tx.copy_tenant(TenantId(Uuid::nil()), FJORD)).await.unwrap();
        assert!(nowhere.is_none());
    })
    .await;
}

#[tokio::test]
async fn a_tenant_that_is_dropped_leaves_nothing_and_the_others_alone() {
    on_every_medium(async |store| {
        store.import(&alpine(), WALL).await.unwrap();
        store.write(|tx| tx.copy_tenant(ALPINE, COPY)).await.unwrap();
        let versions = |tenant| {
            let versions = store.read(|reads| reads.tenant_versions()).unwrap();
            versions.into_iter().find(|(id, _)| *id == tenant).map(|(_, version)| version)
        };
        let alpine = versions(ALPINE);

        assert!(store.write(|tx| tx.delete_tenant(COPY)).await.unwrap());

        assert_eq!(versions(COPY), None);
        assert_eq!(versions(ALPINE), alpine, "nothing to compile anew");
        store
            .read(|reads| {
                assert!(reads.tenant(COPY)?.is_none());
                assert!(reads.users(COPY)?.is_empty() && reads.all_grants(COPY)?.is_empty());
                assert!(reads.all_app_role_assignments(COPY)?.is_empty());
                assert!(!reads.users(ALPINE)?.is_empty());
                Ok(())
            })
            .unwrap();
        assert!(!store.write(|tx| tx.delete_tenant(COPY)).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_tenant_that_is_put_back_is_as_it_came_in() {
    on_every_medium(async |store| {
        let file = alpine();
        store.import(&file, WALL).await.unwrap();
        let documents =
            || store.read(|reads| reads.users(ALPINE)).unwrap().iter().map(|user| user.id).collect::<Vec<_>>();
        let before = documents();
        let first = file.tenants.iter().find(|known| known.tenant.id == ALPINE).unwrap().clone();
        let user = first.users[0].id;
        store
            .write(move |tx| {
                tx.delete_user(ALPINE, user)?;
                tx.put_user(ALPINE, &member(91, "new@alpine.test"))
            })
            .await
            .unwrap();
        assert_ne!(documents(), before);

        store.write(move |tx| tx.replace_tenant(&first, WALL)).await.unwrap();

        assert_eq!(documents(), before);
    })
    .await;
}
