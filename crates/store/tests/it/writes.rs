use ropeway_store::{Store, StoreError};

use crate::fixtures::{ALPINE, NOW, member, object, on_every_medium, tenant, with_one_user};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_write_that_fails_takes_nobody_with_it() {
    on_every_medium(async |store| {
        with_one_user(&store).await;
        let write = |number: u128| {
            let store = store.clone();
            tokio::spawn(async move {
                store
                    .write(move |tx| {
                        tx.put_user(ALPINE, &member(number, &format!("user{number}@alpine.test")))?;
                        // Every third one writes first and fails afterwards, every seventh panics.
                        match number {
                            _ if number.is_multiple_of(7) => panic!("on purpose"),
                            _ if number.is_multiple_of(3) => Err(StoreError::Conflict("on purpose".to_owned())),
                            _ => Ok(()),
                        }
                    })
                    .await
            })
        };
        let writes: Vec<_> = (2..200).map(|number| (number, write(number))).collect();

        for (number, write) in writes {
            let outcome = write.await.unwrap();
            let stored = store.read(|reads| reads.user(ALPINE, object(number))).unwrap().is_some();
            match outcome {
                Ok(()) => assert!(stored && number % 3 != 0 && number % 7 != 0),
                Err(StoreError::Conflict(_)) => assert!(!stored && number % 3 == 0),
                Err(StoreError::Stopped) => assert!(!stored && number % 7 == 0),
                Err(other) => panic!("{other}"),
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_see_whole_transactions_while_writers_write() {
    on_every_medium(async |store| {
        store.write(|tx| tx.put_tenant(&tenant(ALPINE, "0"))).await.unwrap();
        let writer = {
            let store = store.clone();
            tokio::spawn(async move {
                for round in 1..=300_u64 {
                    let written = store
                        .write(move |tx| {
                            tx.put_tenant(&tenant(ALPINE, &round.to_string()))?;
                            tx.put_user(ALPINE, &member(1, &format!("{round}@alpine.test")))
                        })
                        .await;
                    written.unwrap();
                }
            })
        };
        let read_until_done = |store: Store| {
            move || {
                let (mut last, mut reads_done) = (0, 0_u32);
                while last < 300 {
                    let (name, user) = store
                        .read(|reads| Ok((reads.tenants()?.remove(0).display_name, reads.user(ALPINE, object(1))?)))
                        .unwrap();
                    let round: u64 = name.parse().unwrap();
                    assert_eq!(
                        user.map_or("0".to_owned(), |user| user.user_principal_name.replace("@alpine.test", "")),
                        name
                    );
                    assert!(round >= last, "a later read is not older");
                    (last, reads_done) = (round, reads_done + 1);
                }
                reads_done
            }
        };
        let readers: Vec<_> = (0..3).map(|_| tokio::task::spawn_blocking(read_until_done(store.clone()))).collect();

        writer.await.unwrap();
        for reader in readers {
            assert!(reader.await.unwrap() > 0);
        }
    })
    .await;
}

#[tokio::test]
async fn what_was_written_is_there_for_the_next_read() {
    on_every_medium(async |store| {
        for number in 1..100_u128 {
            store
                .write(move |tx| tx.put_user(ALPINE, &member(number, &format!("user{number}@alpine.test"))))
                .await
                .unwrap();
            assert!(store.read(|reads| reads.user(ALPINE, object(number))).unwrap().is_some());
        }
    })
    .await;
}

#[tokio::test]
async fn two_stores_in_memory_share_nothing() {
    let (one, other) = (Store::in_memory().unwrap(), Store::in_memory().unwrap());
    with_one_user(&one).await;

    assert_eq!(one.tenants().unwrap().1.len(), 1);
    assert!(other.tenants().unwrap().1.is_empty());
}

#[tokio::test]
async fn a_write_is_done_although_nobody_waits_for_it() {
    on_every_medium(async |store| {
        let cloud = with_one_user(&store).await;
        {
            let write = store.write(move |tx| tx.consume(ALPINE, "code", &[1; 32], NOW.plus_seconds(60), NOW));
            let mut write = std::pin::pin!(write);
            let waker = std::task::Waker::noop();
            let polled = write.as_mut().poll(&mut std::task::Context::from_waker(waker));
            drop(polled);
        }

        let again = store.write(move |tx| tx.consume(ALPINE, "code", &[1; 32], NOW.plus_seconds(60), NOW)).await;

        assert!(!again.unwrap(), "the first one was queued before");
        assert!(store.read(|reads| reads.user(ALPINE, cloud)).unwrap().is_some());
    })
    .await;
}
