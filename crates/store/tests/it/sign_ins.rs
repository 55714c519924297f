use ropeway_core::ids::TenantId;
use ropeway_core::time::TenantTime;
use ropeway_store::{Detail, SignIn, Store};
use serde_json::json;
use uuid::Uuid;

use crate::fixtures::{ALPINE, FJORD, NOW, app, object, on_every_medium};

fn sign_in(tenant: TenantId, number: u128, at: TenantTime) -> SignIn {
    SignIn {
        id: Uuid::from_u128(number),
        tenant,
        at,
        user: Some(object(1)),
        user_principal_name: "cloud@alpine.test".to_owned(),
        app: Some(app(10)),
        resource: None,
        ip: Some("2001:db8::1".parse().unwrap()),
        grant: "password".to_owned(),
        error_code: 50126,
        detail: Detail::of(&json!({ "trace": ["password", null, 1] })).unwrap(),
    }
}

async fn record(store: &Store, row: SignIn) {
    store.write(move |tx| tx.record_sign_in(&row)).await.unwrap();
}

fn numbers(store: &Store, tenant: TenantId, since: TenantTime, limit: u32) -> Vec<u128> {
    let rows = store.read(|reads| reads.sign_ins_since(tenant, since, limit)).unwrap();
    rows.iter().map(|row| row.id.as_u128()).collect()
}

#[tokio::test]
async fn sign_ins_come_back_whole_in_the_order_of_time() {
    on_every_medium(async |store| {
        let refused = sign_in(ALPINE, 1, NOW.plus_seconds(5));
        let detail = Detail::of(&json!(null)).unwrap();
        let granted = SignIn { user: None, app: None, ip: None, error_code: 0, detail, ..sign_in(ALPINE, 2, NOW) };
        for row in [refused.clone(), granted.clone(), sign_in(FJORD, 3, NOW)] {
            record(&store, row).await;
        }

        let rows = store.read(|reads| reads.sign_ins_since(ALPINE, NOW, 10)).unwrap();

        assert_eq!(rows, [granted, refused]);
        assert_eq!(numbers(&store, ALPINE, NOW.plus_seconds(1), 10), [1]);
        assert_eq!(numbers(&store, ALPINE, NOW, 1), [2]);
        assert_eq!(numbers(&store, FJORD, NOW, 10), [3]);
    })
    .await;
}

#[tokio::test]
async fn a_sweep_forgets_rows_after_thirty_days_of_the_tenants_time() {
    on_every_medium(async |store| {
        let days = |days: i64| NOW.plus_seconds(days * 86_400);
        for (tenant, number, at) in [(ALPINE, 1, days(-31)), (ALPINE, 2, days(-29)), (FJORD, 3, days(-31))] {
            record(&store, sign_in(tenant, number, at)).await;
        }

        let swept = store.sweep(&[(ALPINE, NOW), (FJORD, days(-10))]).await.unwrap();

        assert_eq!(swept.sign_ins, 1);
        assert_eq!(numbers(&store, ALPINE, TenantTime(0), 10), [2]);
        assert_eq!(numbers(&store, FJORD, TenantTime(0), 10), [3]);
    })
    .await;
}
