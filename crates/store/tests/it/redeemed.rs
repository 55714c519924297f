use crate::fixtures::{ALPINE, FJORD, NOW, on_every_medium};

#[tokio::test]
async fn a_thing_is_used_up_once_per_tenant_and_kind() {
    on_every_medium(async |store| {
        let later = NOW.plus_seconds(60);
        let consume = async |tenant, kind: &'static str, hash, now| {
            store.write(move |tx| tx.consume(tenant, kind, &[hash; 32], later, now)).await.unwrap()
        };

        assert!(consume(ALPINE, "code", 1, NOW).await);
        assert!(!consume(ALPINE, "code", 1, NOW).await);
        assert!(consume(ALPINE, "code", 2, NOW).await);
        assert!(consume(ALPINE, "totp", 1, NOW).await);
        assert!(consume(FJORD, "code", 1, NOW).await);
        assert!(!consume(ALPINE, "code", 3, later).await, "it has expired");
    })
    .await;
}

#[tokio::test]
async fn of_fifty_who_use_one_thing_at_once_one_wins() {
    on_every_medium(async |store| {
        let race = |_| {
            let store = store.clone();
            tokio::spawn(async move {
                store.write(|tx| tx.consume(ALPINE, "code", &[1; 32], NOW.plus_seconds(60), NOW)).await.unwrap()
            })
        };
        let runners: Vec<_> = (0..50).map(race).collect();

        let mut winners = 0;
        for runner in runners {
            winners += usize::from(runner.await.unwrap());
        }

        assert_eq!(winners, 1);
    })
    .await;
}

#[tokio::test]
async fn a_sweep_removes_marks_whose_time_is_over_in_their_own_tenant() {
    on_every_medium(async |store| {
        let soon = NOW.plus_seconds(60);
        for tenant in [ALPINE, FJORD] {
            for expires in [soon, NOW.plus_seconds(600)] {
                let hash = [u8::from(expires == soon); 32];
                store.write(move |tx| tx.consume(tenant, "code", &hash, expires, NOW)).await.unwrap();
            }
        }

        let swept = store.sweep(&[(ALPINE, soon), (FJORD, NOW)]).await.unwrap();

        assert_eq!(swept.redeemed, 1);
        let kept = async |tenant, hash| {
            !store.write(move |tx| tx.consume(tenant, "code", &[hash; 32], soon, NOW)).await.unwrap()
        };
        assert!(kept(ALPINE, 0).await && kept(FJORD, 0).await && kept(FJORD, 1).await);
        assert!(!kept(ALPINE, 1).await);
    })
    .await;
}
