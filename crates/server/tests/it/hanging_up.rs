//! Clients that hang up before they are answered.

use std::future::Future;
use std::pin::pin;
use std::sync::mpsc;
use std::task::{Context, Waker};
use std::time::Duration;

use axum::body::Body;
use http::Request;
use ropeway_core::claims::IssuerStyle;
use ropeway_core::directory::{User, sample};
use ropeway_core::password::HashingCost;
use ropeway_server::app::{App, AppConfig, SigningKeySource};
use ropeway_server::key_pool::KeyPool;
use ropeway_server::moment::Source;
use ropeway_server::routes::router;
use tokio::sync::oneshot;
use tower::ServiceExt;

#[tokio::test]
async fn whoever_hangs_up_while_the_password_is_checked_has_tried_it_all_the_same() {
    let data = tempfile::tempdir().unwrap();
    let config = AppConfig {
        directory: sample::directory().unwrap(),
        data: Some(data.path().to_owned()),
        origin: "https://localhost".to_owned(),
        issuer_style: IssuerStyle::Own,
        hashing_cost: HashingCost::PRODUCTION,
        signing_key: SigningKeySource::Pool(KeyPool::new(None)),
        control_key: None,
        trusted_ca_files: Vec::new(),
    };
    let (app, _) = App::start(config, Source::default()).await.unwrap();
    let alpine = app.tenants().unwrap()[0].id;
    let form = "grant_type=password&client_id=e0a91000-0000-4000-8000-00000000000b&client_secret=legacy-portal-secret\
        &username=cloud@alpine.test&password=wrong&scope=openid";
    let asking = || {
        let request = Request::post(format!("/{alpine}/oauth2/v2.0/token"));
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(Body::from(form));
        router(app.clone()).oneshot(request.unwrap())
    };

    // While the writer is busy, whoever wants to try a password waits for it.
    let (begun, begins) = oneshot::channel();
    let (end, ended) = mpsc::channel::<()>();
    let busy = tokio::spawn({
        let app = app.clone();
        let wait = move |_: &mut User| {
            begun.send(()).unwrap();
            ended.recv().unwrap();
        };
        async move { app.change_user(alpine, "mfa@alpine.test", wait).await }
    });
    begins.await.unwrap();

    assert!(pin!(asking()).poll(&mut Context::from_waker(Waker::noop())).is_pending());
    end.send(()).unwrap();
    busy.await.unwrap().unwrap();

    tokio::time::timeout(Duration::from_secs(30), async {
        while app.sign_ins(alpine).unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the request is judged to its end");
    assert_eq!(asking().await.unwrap().status(), 400, "the control, which is waited for");
    let codes: Vec<_> = app.sign_ins(alpine).unwrap().iter().map(|row| row.error_code).collect();
    assert_eq!(codes, [50126, 50126]);
}
