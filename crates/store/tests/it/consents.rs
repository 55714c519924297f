use ropeway_core::directory::{AppRoleAssignment, ConsentType, OAuth2PermissionGrant, PrincipalType};
use ropeway_core::ids::PermissionId;
use uuid::Uuid;

use crate::fixtures::{ALPINE, FJORD, app, object, on_every_medium, with_one_user};

fn grant(consent: ConsentType, resource: u128, scopes: &[&str]) -> OAuth2PermissionGrant {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    OAuth2PermissionGrant { client: app(10), consent, resource: app(resource), scopes }
}

#[tokio::test]
async fn a_user_has_the_own_consents_and_those_for_everybody() {
    on_every_medium(async |store| {
        let own = grant(ConsentType::Principal(object(1)), 20, &["Employees.Read", "openid"]);
        let others = grant(ConsentType::Principal(object(2)), 20, &["Employees.ReadWrite.All"]);
        let for_all = grant(ConsentType::AllPrincipals, 21, &["User.Read"]);
        let other_client = OAuth2PermissionGrant { client: app(11), ..own.clone() };
        for grant in [own.clone(), others.clone(), for_all.clone(), other_client] {
            store.write(move |tx| tx.put_grant(ALPINE, &grant)).await.unwrap();
        }
        let grants = |tenant, user| {
            let mut grants = store.read(|reads| reads.grants(tenant, app(10), object(user))).unwrap();
            grants.sort_by_key(|grant| grant.resource);
            grants
        };

        assert_eq!(grants(ALPINE, 1), [own.clone(), for_all.clone()]);
        assert_eq!(grants(ALPINE, 2), [others, for_all.clone()]);
        assert_eq!(grants(ALPINE, 3), std::slice::from_ref(&for_all));
        assert_eq!(grants(FJORD, 1), []);

        let widened = grant(ConsentType::Principal(object(1)), 20, &["openid"]);
        let put = widened.clone();
        store.write(move |tx| tx.put_grant(ALPINE, &put)).await.unwrap();
        assert_eq!(grants(ALPINE, 1), [widened, for_all.clone()]);

        let (first, again) = (for_all.clone(), for_all);
        assert!(store.write(move |tx| tx.remove_grant(ALPINE, &first)).await.unwrap());
        assert!(!store.write(move |tx| tx.remove_grant(ALPINE, &again)).await.unwrap());
        assert_eq!(grants(ALPINE, 3), []);
    })
    .await;
}

#[tokio::test]
async fn roles_are_found_by_user_group_and_service_principal() {
    on_every_medium(async |store| {
        let role = |principal, principal_type, app_role: Option<u128>| AppRoleAssignment {
            principal: object(principal),
            principal_type,
            resource: app(20),
            app_role: app_role.map(|role| PermissionId(Uuid::from_u128(role))),
        };
        let given = [
            role(1, PrincipalType::User, None),
            role(1, PrincipalType::User, Some(7)),
            role(2, PrincipalType::Group, Some(7)),
            role(3, PrincipalType::ServicePrincipal, Some(8)),
        ];
        for assignment in given.clone().into_iter().chain(given.clone()) {
            store.write(move |tx| tx.put_app_role_assignment(ALPINE, &assignment)).await.unwrap();
        }
        let found = |principals: &[_]| store.read(|reads| reads.app_role_assignments(ALPINE, principals)).unwrap();

        assert_eq!(found(&[object(1), object(2)]), given[..3]);
        assert_eq!(found(&[object(3)]), given[3..]);
        assert_eq!(found(&[]), []);

        let assignment = given[0].clone();
        assert!(store.write(move |tx| tx.remove_app_role_assignment(ALPINE, &assignment)).await.unwrap());
        assert_eq!(found(&[object(1)]), given[1..2]);
    })
    .await;
}

#[tokio::test]
async fn consents_and_roles_of_a_deleted_user_go_too() {
    on_every_medium(async |store| {
        let cloud = with_one_user(&store).await;
        let own = grant(ConsentType::Principal(cloud), 20, &["openid"]);
        let assignment = AppRoleAssignment {
            principal: cloud,
            principal_type: PrincipalType::User,
            resource: app(20),
            app_role: None,
        };
        store
            .write(move |tx| {
                tx.put_grant(ALPINE, &own)?;
                tx.put_app_role_assignment(ALPINE, &assignment)
            })
            .await
            .unwrap();

        store.write(move |tx| tx.delete_user(ALPINE, cloud)).await.unwrap();

        store
            .read(|reads| {
                assert_eq!(reads.grants(ALPINE, app(10), cloud)?, []);
                assert_eq!(reads.app_role_assignments(ALPINE, &[cloud])?, []);
                Ok(())
            })
            .unwrap();
    })
    .await;
}
