//! Smart lockout.

use std::time::Duration;

use futures_like::join_all;
use ropeway_testkit::TestTenant;
use ropeway_testkit::sample::PASSWORD;

const USER: &str = "cloud@alpine.test";

async fn guess(tenant: &TestTenant, password: &str) -> Option<u32> {
    tenant.password(USER).password_is(password).send().await.unwrap().code()
}

async fn lock(tenant: &TestTenant) {
    for number in 0..10 {
        assert_eq!(guess(tenant, &format!("wrong {number}")).await, Some(50126), "{number}");
    }
}

#[tokio::test]
async fn the_right_password_is_refused_while_locked() {
    let tenant = TestTenant::start().await.unwrap();
    lock(&tenant).await;
    assert_eq!(guess(&tenant, PASSWORD).await, Some(50053));
    assert_eq!(guess(&tenant, "wrong again").await, Some(50053));
    tenant.advance(Duration::from_secs(61)).await.unwrap();
    assert_eq!(guess(&tenant, PASSWORD).await, None);
}

#[tokio::test]
async fn the_next_lockout_is_longer_and_comes_after_one_failure() {
    let tenant = TestTenant::start().await.unwrap();
    lock(&tenant).await;
    tenant.advance(Duration::from_secs(61)).await.unwrap();
    assert_eq!(guess(&tenant, "wrong once more").await, Some(50126));
    tenant.advance(Duration::from_secs(61)).await.unwrap();
    assert_eq!(guess(&tenant, PASSWORD).await, Some(50053), "the second lockout lasts longer than the first");
    tenant.advance(Duration::from_secs(60)).await.unwrap();
    assert_eq!(guess(&tenant, PASSWORD).await, None);
}

#[tokio::test]
async fn the_same_wrong_password_again_is_not_counted() {
    let tenant = TestTenant::start().await.unwrap();
    for _ in 0..20 {
        assert_eq!(guess(&tenant, "the old password").await, Some(50126));
    }
    assert_eq!(guess(&tenant, PASSWORD).await, None);
}

#[tokio::test]
async fn a_right_password_forgets_the_failures() {
    let tenant = TestTenant::start().await.unwrap();
    for round in 0..3 {
        for number in 0..9 {
            assert_eq!(guess(&tenant, &format!("wrong {round} {number}")).await, Some(50126));
        }
        assert_eq!(guess(&tenant, PASSWORD).await, None, "round {round}");
    }
}

#[tokio::test]
async fn guesses_in_parallel_never_exceed_the_threshold() {
    let tenant = TestTenant::start().await.unwrap();
    let guesses = (0..60).map(|number| {
        let request = tenant.password(USER).password_is(&format!("parallel {number}"));
        async move { request.send().await.unwrap().code() }
    });
    let codes = join_all(guesses).await;
    let checked = codes.iter().filter(|code| **code == Some(50126)).count();
    let locked = codes.iter().filter(|code| **code == Some(50053)).count();
    assert_eq!((checked, locked), (10, 50));
}

/// Polls many futures at once; the test needs no crate for that.
pub(crate) mod futures_like {
    pub(crate) async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
        let mut running: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
        std::future::poll_fn(|context| {
            let mut all = true;
            for (future, output) in &mut running {
                if output.is_none() {
                    match future.as_mut().poll(context) {
                        std::task::Poll::Ready(value) => *output = Some(value),
                        std::task::Poll::Pending => all = false,
                    }
                }
            }
            if all { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
        running.into_iter().filter_map(|(_, output)| output).collect()
    }
}
