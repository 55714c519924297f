use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use ropeway_core::directory::{SmartLockout, User};
use ropeway_core::ids::ObjectId;
use ropeway_core::time::{TenantTime, WallTime};
use ropeway_store::{Attempt, AttemptId, Lockout, Outcome, Settled, Store, StoreError};

use crate::fixtures::{ALPINE, NOW, WALL, member, object, on_every_medium, with_one_user};

const SETTINGS: SmartLockout = SmartLockout { threshold: 3, duration_in_seconds: 60 };

/// One person at one door, at one moment of both clocks.
#[derive(Clone)]
struct Door {
    store: Store,
    user: ObjectId,
    now: TenantTime,
    wall: WallTime,
}

impl Door {
    async fn of(store: &Store) -> Self {
        Self { store: store.clone(), user: with_one_user(store).await, now: NOW, wall: WALL }
    }

    fn later(&self, seconds: i64) -> Self {
        Self { now: self.now.plus_seconds(seconds), wall: self.wall.plus_seconds(seconds), ..self.clone() }
    }

    async fn try_take(&self) -> Result<Attempt, StoreError> {
        let Self { user, now, wall, .. } = *self;
        self.store.write(move |tx| tx.take_attempt(ALPINE, user, now, wall, SETTINGS)).await
    }

    async fn take(&self) -> AttemptId {
        match self.try_take().await.unwrap() {
            Attempt::Taken(id) => id,
            other => panic!("{other:?}"),
        }
    }

    async fn settle(&self, attempt: AttemptId, outcome: Outcome) -> Settled {
        let now = self.now;
        self.store.write(move |tx| tx.settle_attempt(attempt, outcome, now, SETTINGS)).await.unwrap()
    }

    async fn guess(&self, fingerprint: u8) -> Settled {
        let attempt = self.take().await;
        self.settle(attempt, wrong(fingerprint)).await
    }

    async fn sign_in(&self) {
        let attempt = self.take().await;
        assert_eq!(self.settle(attempt, Outcome::Right).await, Settled::default());
    }

    fn lockout(&self) -> Lockout {
        self.store.read(|reads| reads.lockout(ALPINE, self.user)).unwrap()
    }
}

fn wrong(fingerprint: u8) -> Outcome {
    Outcome::Wrong { fingerprint: [fingerprint; 32] }
}

#[tokio::test]
async fn the_threshold_locks_and_the_right_password_is_refused_while_locked() {
    on_every_medium(async |store| {
        let door = Door::of(&store).await;

        assert_eq!(door.guess(1).await, Settled::default());
        assert_eq!(door.guess(2).await, Settled::default());
        let until = NOW.plus_seconds(60);
        assert_eq!(door.guess(3).await, Settled { locked_now: true, locked_until: Some(until) });

        assert_eq!(door.try_take().await.unwrap(), Attempt::Locked { until });
        assert_eq!(door.later(59).try_take().await.unwrap(), Attempt::Locked { until });
        assert_eq!(door.lockout().locked_at(NOW), Some(until));
        assert_eq!(door.lockout().locked_at(until), None);
        door.later(60).sign_in().await;
        assert_eq!(Lockout { locked_until: None, ..door.lockout() }, Lockout::default());
    })
    .await;
}

#[tokio::test]
async fn after_a_lockout_one_failure_locks_twice_as_long_up_to_a_day() {
    on_every_medium(async |store| {
        let mut door = Door::of(&store).await;
        door.guess(1).await;
        door.guess(2).await;

        let mut lengths = Vec::new();
        for guess in 3..16 {
            let settled = door.guess(guess).await;
            assert!(settled.locked_now);
            let length = settled.locked_until.unwrap().seconds_since(door.now);
            door = door.later(length);
            lengths.push(length);
        }

        assert_eq!(lengths, [60, 120, 240, 480, 960, 1920, 3840, 7680, 15360, 30720, 61440, 86400, 86400]);
        door.sign_in().await;
        door.guess(1).await;
        door.guess(2).await;
        assert_eq!(door.guess(3).await.locked_until, Some(door.now.plus_seconds(60)), "the right password resets it");
    })
    .await;
}

#[tokio::test]
async fn only_one_may_try_at_a_time_after_a_lockout() {
    on_every_medium(async |store| {
        let door = Door::of(&store).await;
        for guess in 1..=3 {
            door.guess(guess).await;
        }
        let door = door.later(60);

        let attempt = door.take().await;

        assert_eq!(door.try_take().await.unwrap(), Attempt::NoneLeft);
        assert!(door.settle(attempt, wrong(4)).await.locked_now);
    })
    .await;
}

#[tokio::test]
async fn one_of_the_last_three_wrong_passwords_again_is_not_counted() {
    on_every_medium(async |store| {
        let door = Door::of(&store).await;

        for _ in 0..20 {
            assert_eq!(door.guess(1).await, Settled::default());
        }
        assert_eq!(door.lockout().failures, 1);
        door.guess(2).await;
        door.guess(1).await;
        assert_eq!(door.lockout().failures, 2);
        assert!(door.guess(3).await.locked_now);

        let door = door.later(60);
        for again in [1, 2, 3] {
            assert!(!door.guess(again).await.locked_now);
        }
        assert!(door.guess(4).await.locked_now);
        let door = door.later(120);
        assert!(door.guess(1).await.locked_now, "the fourth pushed the first one out");
    })
    .await;
}

#[tokio::test]
async fn attempts_under_way_count_until_they_settle() {
    on_every_medium(async |store| {
        let door = Door::of(&store).await;
        let attempts = [door.take().await, door.take().await, door.take().await];

        assert_eq!(door.try_take().await.unwrap(), Attempt::NoneLeft);
        assert_eq!(door.lockout().open_attempts, 3);
        door.settle(attempts[0], Outcome::Abandoned).await;
        let fourth = door.take().await;
        assert_eq!(door.try_take().await.unwrap(), Attempt::NoneLeft);
        door.settle(attempts[1], wrong(1)).await;
        assert_eq!(door.try_take().await.unwrap(), Attempt::NoneLeft, "a failure gives nothing back");
        door.settle(attempts[2], Outcome::Right).await;
        door.settle(fourth, Outcome::Right).await;

        assert_eq!(door.lockout(), Lockout::default());
    })
    .await;
}

#[tokio::test]
async fn an_attempt_counts_once_however_often_it_is_settled() {
    on_every_medium(async |store| {
        let door = Door::of(&store).await;
        let attempt = door.take().await;

        for guess in 1..10 {
            door.settle(attempt, wrong(guess)).await;
        }

        assert_eq!(door.lockout(), Lockout { failures: 1, ..Lockout::default() });
    })
    .await;
}

#[tokio::test]
async fn an_attempt_that_a_crash_left_open_is_a_failure_after_thirty_seconds_of_wall_time() {
    on_every_medium(async |store| {
        let door = Door::of(&store).await;
        let lost = [door.take().await, door.take().await, door.take().await];
        let at = |seconds| Door { wall: WALL.plus_seconds(seconds), ..door.clone() };

        assert_eq!(at(30).try_take().await.unwrap(), Attempt::NoneLeft);
        let until = NOW.plus_seconds(60);
        assert_eq!(at(31).try_take().await.unwrap(), Attempt::Locked { until });
        assert_eq!(door.lockout(), Lockout { locked_until: Some(until), failures: 3, open_attempts: 0, lockouts: 1 });

        // Two of them come back after all: counted they are already, and the lockout stands.
        assert_eq!(door.settle(lost[0], wrong(1)).await, Settled { locked_now: false, locked_until: Some(until) });
        assert_eq!(door.settle(lost[1], Outcome::Right).await.locked_until, Some(until));
        assert_eq!(door.lockout().failures, 3);
    })
    .await;
}

#[tokio::test]
async fn what_a_crash_left_open_is_counted_also_for_who_never_comes_back() {
    on_every_medium(async |store| {
        let door = Door::of(&store).await;
        door.take().await;
        door.take().await;
        let count = async |seconds| {
            store.fail_overdue_attempts(ALPINE, NOW, WALL.plus_seconds(seconds), SETTINGS).await.unwrap()
        };

        assert_eq!(count(30).await, 0);
        assert_eq!(door.lockout(), Lockout { open_attempts: 2, ..Lockout::default() });
        assert_eq!(count(31).await, 1, "one user");
        assert_eq!(door.lockout(), Lockout { failures: 2, ..Lockout::default() });
        assert_eq!(count(60).await, 0);
        assert_eq!(door.lockout().failures, 2);
    })
    .await;
}

#[tokio::test]
async fn a_frozen_tenant_clock_keeps_the_account_locked() {
    on_every_medium(async |store| {
        let door = Door::of(&store).await;
        for guess in 1..=3 {
            door.guess(guess).await;
        }

        let frozen = Door { wall: WALL.plus_seconds(86_400), ..door };

        assert!(matches!(frozen.try_take().await.unwrap(), Attempt::Locked { .. }));
    })
    .await;
}

#[tokio::test]
async fn a_users_own_date_locks_like_smart_lockout_and_the_later_one_holds() {
    on_every_medium(async |store| {
        let door = Door::of(&store).await;
        let own = NOW.plus_seconds(100);
        for guess in 1..=3 {
            door.guess(guess).await;
        }
        let locked = User { locked_until: Some(own), ..member(1, "cloud@alpine.test") };
        store.write(move |tx| tx.put_user(ALPINE, &locked)).await.unwrap();

        assert_eq!(door.try_take().await.unwrap(), Attempt::Locked { until: own });
        assert_eq!(door.later(60).try_take().await.unwrap(), Attempt::Locked { until: own });
        assert_eq!(door.lockout().locked_until, Some(own));
        door.later(100).take().await;
    })
    .await;
}

#[tokio::test]
async fn a_user_who_is_gone_gets_no_attempt() {
    on_every_medium(async |store| {
        let door = Door::of(&store).await;
        let attempt = door.take().await;
        store.write(|tx| tx.delete_user(ALPINE, object(1))).await.unwrap();

        assert!(matches!(door.try_take().await, Err(StoreError::Conflict(_))));
        assert_eq!(door.settle(attempt, wrong(1)).await, Settled::default());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn fifty_who_guess_at_once_check_no_more_passwords_than_the_threshold() {
    on_every_medium(async |store| {
        let door = Door::of(&store).await;
        let checked = Arc::new(Mutex::new(HashSet::new()));
        let guesser = |guess: u8| {
            let (door, checked) = (door.clone(), Arc::clone(&checked));
            tokio::spawn(async move {
                loop {
                    match door.try_take().await.unwrap() {
                        Attempt::Taken(attempt) => {
                            checked.lock().unwrap().insert(guess);
                            tokio::task::yield_now().await;
                            door.settle(attempt, wrong(guess)).await;
                        }
                        Attempt::NoneLeft => tokio::task::yield_now().await,
                        Attempt::Locked { .. } => return,
                    }
                }
            })
        };
        let guessers: Vec<_> = (0..50).map(guesser).collect();
        for guesser in guessers {
            guesser.await.unwrap();
        }

        assert_eq!(checked.lock().unwrap().len(), 3, "{checked:?}");
        assert_eq!(
            door.lockout(),
            Lockout { locked_until: Some(NOW.plus_seconds(60)), failures: 3, open_attempts: 0, lockouts: 1 }
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn fifty_with_the_right_password_at_once_all_get_in() {
    on_every_medium(async |store| {
        let door = Door::of(&store).await;
        let person = |_| {
            let door = door.clone();
            tokio::spawn(async move {
                loop {
                    match door.try_take().await.unwrap() {
                        Attempt::Taken(attempt) => return door.settle(attempt, Outcome::Right).await,
                        Attempt::NoneLeft => tokio::task::yield_now().await,
                        Attempt::Locked { .. } => panic!("nobody guessed"),
                    }
                }
            })
        };
        let people: Vec<_> = (0..50).map(person).collect();
        for person in people {
            assert_eq!(person.await.unwrap(), Settled::default());
        }

        assert_eq!(door.lockout(), Lockout::default());
    })
    .await;
}

#[derive(Debug, Clone)]
enum Step {
    Take,
    Settle(usize, Outcome),
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let outcome = prop_oneof![
        1 => Just(Outcome::Right),
        1 => Just(Outcome::Abandoned),
        6 => (0..6_u8).prop_map(wrong),
    ];
    prop_oneof![
        4 => Just(Step::Take),
        4 => (any::<usize>(), outcome).prop_map(|(which, outcome)| Step::Settle(which, outcome)),
        1 => (1..90_i64).prop_map(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn failures_and_open_attempts_never_exceed_the_threshold(steps in prop::collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let store = Store::in_memory().unwrap();
            let mut door = Door::of(&store).await;
            let mut taken = Vec::new();
            for step in steps {
                let before = door.lockout();
                match step {
                    Step::Take => match door.try_take().await.unwrap() {
                        Attempt::Taken(attempt) => {
                            assert_eq!(before.locked_at(door.now), None);
                            taken.push(attempt);
                        }
                        Attempt::NoneLeft => assert!(door.lockout().open_attempts > 0),
                        Attempt::Locked { until } => assert!(until > door.now),
                    },
                    Step::Settle(which, outcome) if !taken.is_empty() => {
                        door.settle(taken[which % taken.len()], outcome).await;
                    }
                    Step::Settle(..) => {}
                    Step::Wait(seconds) => door = door.later(seconds),
                }
                let Lockout { failures, open_attempts, .. } = door.lockout();
                let allowed = if failures < SETTINGS.threshold { SETTINGS.threshold - failures } else { 1 };
                assert!(open_attempts <= allowed, "{failures} failures and {open_attempts} under way");
            }
        });
    }
}
