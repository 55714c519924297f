use ropeway_store::{SealingKey, SigningKey, StoreError};

use crate::fixtures::{WALL, on_every_medium};

#[tokio::test]
async fn keys_come_back_the_oldest_first_and_raise_the_version() {
    on_every_medium(async |store| {
        let signing = |id: &str, age: i64| SigningKey {
            key_id: id.to_owned(),
            pkcs8_der: vec![0, 1, 255],
            certificate_der: vec![2],
            created: WALL.plus_seconds(-age),
            not_before: WALL,
        };
        let sealing = SealingKey { key_id: "s".to_owned(), key: vec![7; 32], created: WALL };
        let before = store.tenants().unwrap().0;

        let (young, old, sealed) = (signing("young", 0), signing("old", 10), sealing.clone());
        store
            .write(move |tx| {
                tx.add_signing_key(&young)?;
                tx.add_signing_key(&old)?;
                tx.add_sealing_key(&sealed)
            })
            .await
            .unwrap();
        let taken = signing("old", 0);
        let refused = store.write(move |tx| tx.add_signing_key(&taken)).await;

        let keys = store.read(|reads| Ok((reads.signing_keys()?, reads.sealing_keys()?))).unwrap();
        assert_eq!(keys, (vec![signing("old", 10), signing("young", 0)], vec![sealing]));
        assert!(matches!(refused, Err(StoreError::Conflict(_))));
        assert!(store.tenants().unwrap().0 > before);
    })
    .await;
}

#[test]
fn debug_shows_no_key_material() {
    let sealing = SealingKey { key_id: "s".to_owned(), key: vec![77; 32], created: WALL };
    assert!(!format!("{sealing:?}").contains("77"));
}
