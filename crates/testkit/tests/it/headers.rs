//! Headers, as captured, and the one departure from them.

use ropeway_testkit::TestTenant;

#[tokio::test]
async fn success_and_error_have_the_captured_headers() {
    let tenant = TestTenant::start().await.unwrap();
    let v1 = || tenant.password("cloud@alpine.test").v1("https://graph.microsoft.com");
    let v2 = || tenant.password("cloud@alpine.test");
    for (request, status) in
        [(v2(), 200), (v2().password_is("wrong"), 400), (v1(), 200), (v1().password_is("wrong"), 400)]
    {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status, status);
        for (name, value) in [
            ("cache-control", "no-store, no-cache"),
            ("pragma", "no-cache"),
            ("expires", "-1"),
            ("content-type", "application/json; charset=utf-8"),
            ("strict-transport-security", "max-age=31536000; includeSubDomains"),
            ("x-content-type-options", "nosniff"),
            ("p3p", "CP=\"DSP CUR OTPi IND OTRi ONL FIN\""),
            ("x-xss-protection", "0"),
            ("x-ms-srs", "1.P"),
        ] {
            assert_eq!(answer.headers[name], value, "{name}");
        }
        assert!(answer.headers["x-ms-request-id"].to_str().unwrap().ends_with("00"));
        assert!(answer.headers.get("x-ms-clitelem").is_none(), "a plain request gets no telemetry");
        assert!(answer.headers.get("retry-after").is_none());
    }
}

#[tokio::test]
async fn the_correlation_id_is_the_clients_from_header_form_or_query_and_comes_back_when_asked() {
    let tenant = TestTenant::start().await.unwrap();
    let id = "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f1";
    let wrong = || tenant.password("cloud@alpine.test").password_is("wrong");
    let by_header =
        wrong().header("client-request-id", id).header("return-client-request-id", "true").send().await.unwrap();
    assert_eq!(
        (&by_header.body["correlation_id"], by_header.headers["client-request-id"].to_str().unwrap()),
        (&id.into(), id)
    );
    assert_eq!(wrong().set("client-request-id", id).send().await.unwrap().body["correlation_id"], id);
    let own = wrong().header("client-request-id", "not a guid").send().await.unwrap();
    assert_eq!(own.body["correlation_id"].as_str().map(str::len), Some(36));
    assert!(own.headers.get("client-request-id").is_none());
    let trace_id = own.headers["x-ms-request-id"].to_str().unwrap();
    assert_eq!(own.body["trace_id"], trace_id);
    let description = own.body["error_description"].as_str().unwrap();
    assert!(description.contains(&format!(" Trace ID: {trace_id} Correlation ID: ")), "{description}");
}

#[tokio::test]
async fn only_msal_python_itself_is_told_not_to_replay_a_refusal() {
    let tenant = TestTenant::start().await.unwrap();
    let cases = [
        (Some("MSAL.Python"), Some("python-requests/2.32"), Some("0")),
        (Some("MSAL.Python"), Some("azsdk-python-identity/1.27.0"), None),
        (Some("msal.js.node"), None, None),
        (None, None, None),
    ];
    for (sku, agent, expected) in cases {
        let mut request = tenant.password("mfa@alpine.test");
        if let Some(sku) = sku {
            request = request.header("x-client-sku", sku);
        }
        if let Some(agent) = agent {
            request = request.header("user-agent", agent);
        }
        let answer = request.send().await.unwrap();
        let retry_after = answer.headers.get("retry-after").map(|value| value.to_str().unwrap());
        assert_eq!(retry_after, expected, "{sku:?} {agent:?}");
        let telemetry = answer.headers.get("x-ms-clitelem").map(|value| value.to_str().unwrap());
        assert_eq!(telemetry, sku.map(|_| "1,50076,0,,"), "{sku:?}");
    }
    let v1 = tenant.password("mfa@alpine.test").v1("https://graph.microsoft.com").header("x-client-sku", "MSAL.Python");
    assert_eq!(v1.send().await.unwrap().headers["retry-after"], "0", "v1.0 too");
    tenant.app().change_tenant(tenant.id(), |tenant| tenant.settings.replay_entra = true).await.unwrap();
    let as_entra = tenant
        .password("mfa@alpine.test")
        .header("x-client-sku", "MSAL.Python")
        .header("user-agent", "x")
        .send()
        .await
        .unwrap();
    assert!(as_entra.headers.get("retry-after").is_none());
}
