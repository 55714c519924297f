use ropeway_core::directory::{Password, User, UserType};
use ropeway_core::secret::Secret;
use ropeway_core::time::TenantTime;
use ropeway_store::{Store, StoreError};

use crate::fixtures::{ALPINE, FJORD, NOW, guest, member, object, on_every_medium, with_one_user};

async fn put(store: &Store, user: User) -> Result<(), StoreError> {
    store.write(move |tx| tx.put_user(ALPINE, &user)).await
}

fn found_as(store: &Store, name: &str) -> Option<u128> {
    let user = store.read(|reads| reads.user_by_sign_in_name(ALPINE, name)).unwrap();
    user.map(|user| user.id.0.as_u128())
}

#[tokio::test]
async fn members_sign_in_by_principal_name_and_guests_by_mail_whatever_the_case() {
    on_every_medium(async |store| {
        put(&store, member(1, "Cloud@Alpine.test")).await.unwrap();
        put(&store, guest(2, "Guest@fjord.test", "guest_fjord.test#EXT#@alpine.test")).await.unwrap();
        put(&store, User { user_type: UserType::Guest, ..member(3, "lost_live.test#EXT#@alpine.test") }).await.unwrap();
        put(&store, User { user_type: UserType::Guest, ..member(4, "inside@alpine.test") }).await.unwrap();
        put(&store, User { mail: Some("other@mail.test".into()), ..member(5, "mail@alpine.test") }).await.unwrap();
        put(&store, member(6, "MÜLLER@alpine.test")).await.unwrap();
        let homeless = guest(7, "homeless@fjord.test", "homeless_fjord.test#EXT#@alpine.test");
        put(&store, User { identities: Vec::new(), ..homeless }).await.unwrap();

        for (name, expected) in [
            ("cloud@alpine.test", Some(1)),
            ("CLOUD@ALPINE.TEST", Some(1)),
            ("guest@FJORD.test", Some(2)),
            ("guest_fjord.test#EXT#@alpine.test", None),
            ("lost_live.test#EXT#@alpine.test", None),
            ("inside@alpine.test", Some(4)),
            ("mail@alpine.test", Some(5)),
            ("other@mail.test", None),
            ("müller@alpine.test", Some(6)),
            ("homeless@fjord.test", Some(7)),
            ("nobody@alpine.test", None),
            ("", None),
            ("' OR ''='", None),
        ] {
            assert_eq!(found_as(&store, name), expected, "{name}");
        }
        let elsewhere = store.read(|reads| reads.user_by_sign_in_name(FJORD, "cloud@alpine.test")).unwrap();
        assert!(elsewhere.is_none(), "a name belongs to its tenant");
    })
    .await;
}

#[tokio::test]
async fn a_name_that_another_user_has_is_refused() {
    on_every_medium(async |store| {
        with_one_user(&store).await;

        let taken = put(&store, member(2, "CLOUD@alpine.test")).await;
        let taken_by_guest = put(&store, guest(3, "cloud@alpine.test", "cloud#EXT#@alpine.test")).await;
        let free = put(&store, member(2, "other@alpine.test")).await;

        assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
        assert!(matches!(taken_by_guest, Err(StoreError::Conflict(_))), "{taken_by_guest:?}");
        free.unwrap();
    })
    .await;
}

#[tokio::test]
async fn users_are_listed_in_the_order_they_came_even_after_a_change() {
    on_every_medium(async |store| {
        for (number, name) in [(3, "c@alpine.test"), (1, "a@alpine.test"), (2, "b@alpine.test")] {
            put(&store, member(number, name)).await.unwrap();
        }
        put(&store, member(3, "renamed@alpine.test")).await.unwrap();

        let listed = store.read(|reads| reads.users(ALPINE)).unwrap();

        let names: Vec<&str> = listed.iter().map(|user| user.user_principal_name.as_str()).collect();
        assert_eq!(names, ["renamed@alpine.test", "a@alpine.test", "b@alpine.test"]);
        assert_eq!(found_as(&store, "c@alpine.test"), None);
        assert_eq!(found_as(&store, "renamed@alpine.test"), Some(3));
    })
    .await;
}

#[tokio::test]
async fn the_stored_hash_follows_what_is_known_of_the_password() {
    on_every_medium(async |store| {
        let cloud = with_one_user(&store).await;
        let hash = || store.read(|reads| reads.password_hash(ALPINE, cloud)).unwrap();
        let set = async |phc: &'static str, changed_at| {
            store.write(move |tx| tx.set_password_hash(ALPINE, cloud, &Secret::new(phc), changed_at)).await.unwrap()
        };

        let lacks = |user| store.read(|reads| reads.lacks_hash(ALPINE, user)).unwrap();
        assert!(lacks(cloud) && !lacks(object(9)), "nobody is not a user without a hash");
        assert!(set("first", None).await);
        assert!(!lacks(cloud));
        assert_eq!(hash().as_deref(), Some("first"));
        assert!(!set("late background hash", None).await);
        assert_eq!(hash().as_deref(), Some("first"));
        assert!(set("changed", Some(NOW)).await);
        assert_eq!(hash().as_deref(), Some("changed"));
        let user = store.read(|reads| reads.user(ALPINE, cloud)).unwrap().unwrap();
        assert_eq!(user.last_password_change, Some(NOW));

        put(&store, user.clone()).await.unwrap();
        assert_eq!(hash().as_deref(), Some("changed"), "a user as it was read keeps the hash");
        put(&store, User { password: Some(Password::Phc(Secret::new("given"))), ..user.clone() }).await.unwrap();
        assert_eq!(hash().as_deref(), Some("given"));
        put(&store, User { password: Some(Password::Plain(Secret::new("Summit-2042"))), ..user }).await.unwrap();
        assert_eq!(hash(), None, "the old password stops at once");

        let nobody = store.write(|tx| tx.set_password_hash(ALPINE, object(9), &Secret::new("x"), Some(NOW))).await;
        assert!(!nobody.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_temporary_access_pass_is_kept_with_the_user() {
    on_every_medium(async |store| {
        let pass = Some(Secret::new("alpine-pass-2042"));
        put(&store, User { temporary_access_pass: pass, ..member(1, "nopassword@alpine.test") }).await.unwrap();

        let read = store.read(|reads| reads.user(ALPINE, object(1))).unwrap().unwrap();

        assert_eq!(read.temporary_access_pass.as_ref().map(Secret::expose), Some("alpine-pass-2042"));
    })
    .await;
}

#[tokio::test]
async fn a_deleted_user_leaves_nothing() {
    on_every_medium(async |store| {
        let cloud = with_one_user(&store).await;
        put(&store, User { locked_until: Some(TenantTime(NOW.0 + 1)), ..member(1, "cloud@alpine.test") })
            .await
            .unwrap();

        assert!(store.write(move |tx| tx.delete_user(ALPINE, cloud)).await.unwrap());
        assert!(!store.write(move |tx| tx.delete_user(ALPINE, cloud)).await.unwrap());

        assert_eq!(found_as(&store, "cloud@alpine.test"), None);
        let lockout = store.read(|reads| reads.lockout(ALPINE, cloud)).unwrap();
        assert_eq!(lockout, ropeway_store::Lockout::default());
        put(&store, member(2, "cloud@alpine.test")).await.unwrap();
    })
    .await;
}
