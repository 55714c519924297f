//! The job's process against a platform of the test's own.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

mod authorising;
mod job;
mod killed;
mod platform;
mod store;

use axum::http::StatusCode;
use job::Job;
use platform::Platform;
use serde_json::{Value, json};

#[tokio::test]
async fn each_way_asks_for_what_it_needs_and_reports_in_one_line() {
    let platform = Platform::start().await;
    let job = Job::of(&platform);
    job.is_authorised_with("refresh-0-end").await;
    platform.api_answers(StatusCode::CREATED, json!({}));

    let password = job.run(&["run", "--way", "password"], &[]).await;
    let refreshed = job.by_refresh_token().await;
    platform.api_answers(StatusCode::OK, json!([{ "id": 1 }, { "id": 2 }]));
    let itself = job.run(&["run", "--way", "client-credentials"], &[]).await;
    let read = job.run(&["run", "--way", "refresh-token", "--api", "employees"], &[]).await;

    let expected = json!({ "way": "password", "outcome": "done", "did": "submitted time sheets", "count": 1,
        "user": "cloud@alpine.test", "exitCode": 0 });
    assert_eq!(password.line, expected, "{}", password.told);
    let expected = json!({ "way": "refresh-token", "outcome": "done", "did": "submitted time sheets", "count": 1,
        "user": "cloud@alpine.test", "authorisedAt": "2042-01-06T03:00:00Z", "exitCode": 0 });
    assert_eq!(refreshed.line, expected, "{}", refreshed.told);
    let expected = json!({ "way": "client-credentials", "outcome": "done", "did": "read employees", "count": 2,
        "app": platform::CLIENT, "exitCode": 0 });
    assert_eq!(itself.line, expected, "{}", itself.told);
    assert_eq!((&read.line["did"], &read.line["count"]), (&json!("read employees"), &json!(2)), "{}", read.told);
    let timesheets = "api://timesheets.alpine.test/Timesheets.Submit";
    let asked = platform.asked();
    let asked: Vec<_> = asked.iter().map(|form| (&*form["grant_type"], &*form["scope"])).collect();
    assert_eq!(
        asked,
        [
            ("password", timesheets),
            ("refresh_token", &*format!("offline_access {timesheets}")),
            ("client_credentials", "api://employees.alpine.test/.default"),
            ("refresh_token", "offline_access api://employees.alpine.test/Employees.Read"),
        ]
    );
    assert_eq!(job.kept().await, platform.newest());
}

#[tokio::test]
async fn an_application_alone_gets_no_time_sheet_in_and_is_told_why() {
    let platform = Platform::start().await;
    let job = Job::of(&platform);
    let said = "a time sheet belongs to a person";
    platform.api_answers(StatusCode::FORBIDDEN, json!({ "error": "insufficient_scope", "message": said }));

    let ended = job.run(&["run", "--way", "client-credentials", "--api", "timesheets"], &[]).await;

    assert_eq!((ended.code, &ended.line["outcome"]), (12, &json!("refused")));
    let error = &ended.line["error"];
    assert_eq!((&error["code"], &error["description"]), (&json!("insufficient_scope"), &json!(said)));
    assert!(error["cause"].as_str().unwrap().contains("no application permission"), "{error}");
    assert!(ended.told.contains("hint: use a way in which a person takes part"), "{}", ended.told);
}

#[tokio::test]
async fn a_refusal_is_asked_for_once_and_ends_when_a_person_authorised_again() {
    let platform = Platform::start().await;
    let job = Job::of(&platform);
    let never = job.by_refresh_token().await;
    assert_eq!((never.code, &never.line["error"]["code"]), (10, &json!("not_authorised")));
    job.is_authorised_with("refresh-0-end").await;
    for (error, code, exit) in [
        ("invalid_grant", 50173, 10),
        ("invalid_grant", 700082, 10),
        ("invalid_grant", 65001, 10),
        ("interaction_required", 50076, 10),
        ("invalid_grant", 50057, 11),
        ("unauthorized_client", 7000112, 11),
        ("invalid_client", 7000215, 11),
        ("invalid_grant", 1, 10),
        ("invalid_request", 1, 11),
    ] {
        platform.refuses_by(error, code);
        let before = platform.asked().len();

        let ended = job.by_refresh_token().await;

        assert_eq!((ended.code, &ended.line["outcome"]), (exit, &json!("refused")), "{code}: {}", ended.told);
        let told = &ended.line["error"];
        assert_eq!(
            (&told["code"], &told["description"]),
            (&json!(format!("AADSTS{code}")), &json!(format!("AADSTS{code}: no.")))
        );
        assert_eq!(ended.line["authorisedAt"], "2042-01-06T03:00:00Z");
        assert_eq!(told["remedy"].as_str().unwrap().contains("`nightly-job authorise`"), exit == 10, "{told}");
        assert_eq!(platform.asked().len(), before + 1, "asked once");
        assert_eq!(job.kept().await, "refresh-0-end", "kept: an administrator may put it right");
    }
    platform.refuses_by("interaction_required", 50076);
    let by_password = job.run(&["run", "--way", "password"], &[]).await;
    assert_eq!(by_password.code, 10);
    assert!(by_password.told.contains("the password grant has no page"), "{}", by_password.told);

    platform.grants();
    assert_eq!(job.by_refresh_token().await.code, 0);
}

#[tokio::test]
async fn outages_have_codes_of_their_own_and_nothing_is_lost() {
    let platform = Platform::start().await;
    let job = Job::of(&platform);
    job.is_authorised_with("refresh-0-end").await;
    let run = ["run", "--way", "refresh-token"];
    for (status, body) in [
        (StatusCode::SERVICE_UNAVAILABLE, json!({ "error": "temporarily_unavailable" })),
        (StatusCode::INTERNAL_SERVER_ERROR, json!({ "error": "invalid_grant", "error_codes": [50173] })),
        (StatusCode::TOO_MANY_REQUESTS, Value::Null),
        (StatusCode::OK, json!({ "access_token": 5, "refresh_token": "refresh-lost" })),
        (StatusCode::BAD_REQUEST, json!("no")),
    ] {
        platform.refuses(status, body.clone());
        let ended = job.run(&run, &[]).await;
        assert_eq!((ended.code, &ended.line["error"]["code"]), (20, &json!("platform_down")), "{status} {body}");
        assert_eq!(job.kept().await, "refresh-0-end");
    }
    let unreachable = job.run(&["run", "--way", "password"], &[("AZURE_AUTHORITY_HOST", "http://127.0.0.1:1")]).await;
    assert_eq!(unreachable.code, 20, "{}", unreachable.told);
    platform.grants();
    let another = job.run(&run, &[("AZURE_TENANT_ID", "fjord")]).await;
    assert_eq!(another.code, 20, "there is no such tenant: {}", another.told);

    // The API is down after the token was renewed: the new one is kept.
    let down = job.run(&run, &[("TIMESHEETS_URL", "http://127.0.0.1:1/api/timesheets")]).await;
    assert_eq!((down.code, &down.line["error"]["code"]), (21, &json!("api_down")), "{}", down.told);
    assert_eq!(job.kept().await, "refresh-1-end");
    for status in [StatusCode::BAD_GATEWAY, StatusCode::NOT_FOUND, StatusCode::FOUND] {
        platform.api_answers(status, Value::Null);
        assert_eq!(job.run(&run, &[]).await.code, 21, "{status}");
    }
    platform.api_answers(StatusCode::UNAUTHORIZED, Value::Null);
    assert_eq!(job.run(&run, &[]).await.code, 12);
    assert_eq!(job.kept().await, platform.newest());
    platform.api_answers(StatusCode::CREATED, Value::Null);
    assert_eq!(job.run(&run, &[]).await.code, 0);
}

#[tokio::test]
async fn wrong_usage_and_settings_are_told_before_anything_is_asked() {
    let platform = Platform::start().await;
    let job = Job::of(&platform);
    let run = ["run", "--way", "refresh-token"];
    for (arguments, changed, hint) in [
        (&["run"][..], ("", ""), "--way"),
        (&["run", "--way", "cookie"], ("", ""), "client-credentials"),
        (&["authorise", "--device-code", "--port", "1"], ("", ""), "cannot be used with"),
        (&run, ("NIGHTLY_JOB_STORE_KEY", ""), "openssl rand -base64 32"),
        (&["authorise"], ("NIGHTLY_JOB_STORE_KEY", ""), "openssl rand -base64 32"),
        (&run, ("NIGHTLY_JOB_STORE_KEY", "c2hvcnQ="), "openssl rand -base64 32"),
        (&run, ("ENTRA_CA_FILE", "/nowhere.pem"), "/nowhere.pem"),
        (&run, ("AZURE_AUTHORITY_HOST", "https://a b"), "no URL"),
    ] {
        let changed = if changed.0.is_empty() { vec![] } else { vec![changed] };
        let ended = job.run(arguments, &changed).await;
        assert_eq!(ended.code, 2, "{arguments:?} {changed:?}: {}", ended.told);
        assert!(ended.told.contains(hint), "{arguments:?} {changed:?}: {}", ended.told);
    }
    assert_eq!(platform.asked().len(), 0);
    let mode = nightly_job::Settings::for_tenant("localhost:8443", "alpine");
    let shown = format!("{mode:?}");
    assert!(!shown.contains("Summit") && !shown.contains("nightly-job-secret"), "{shown}");
}
