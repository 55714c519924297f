//! Codes, challenges and tokens: what cannot be guessed, changed, or used as something else (AC, PK, TK, RT, SE-02).

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

use ropeway_testkit::sample::{PASSWORD, TOTP_SECRET};
use ropeway_testkit::{Answer, Browser, Reply, TestTenant};

use crate::authorization_code::{VERIFIER, reply, with_challenge};
use crate::authorize::Ask;
use crate::sign_in_page::code;

const USER: &str = "cloud@alpine.test";

/// A browser that is signed in.
async fn signed_in(tenant: &TestTenant) -> Browser<'_> {
    let mut browser = tenant.browser();
    let landed = browser.open(&Ask::modern_portal().url()).await.unwrap();
    browser.sign_in(landed, USER, PASSWORD).await.unwrap().reply().unwrap();
    browser
}

async fn silently(browser: &mut Browser<'_>, ask: &Ask) -> Reply {
    browser.open(&ask.clone().set("prompt", "none").url()).await.unwrap().reply().unwrap()
}

/// AC-07: 256 bits, and nothing that two codes have in common.
#[tokio::test]
async fn codes_have_nothing_in_common() {
    let tenant = TestTenant::start().await.unwrap();
    let mut browser = signed_in(&tenant).await;
    let mut codes = BTreeSet::new();
    for _ in 0..200 {
        codes.insert(silently(&mut browser, &Ask::modern_portal()).await.get("code").to_owned());
    }
    assert_eq!(codes.len(), 200, "none comes twice");
    for place in 0..42 {
        let letters: BTreeSet<u8> = codes.iter().map(|code| code.as_bytes()[place]).collect();
        assert!(letters.len() > 30, "{} letters at place {place}", letters.len());
    }
}

/// AC-08, RT-09, SE-02: who reads the database's files finds nothing to come back with.
#[tokio::test]
async fn the_database_holds_neither_codes_nor_tokens_nor_cookies() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = TestTenant::builder().data(folder.path()).start().await.unwrap();
    let mut browser = signed_in(&tenant).await;
    let ask = Ask::modern_portal();
    let redeemed = silently(&mut browser, &ask).await;
    let tokens = ask.redeem(&tenant, &redeemed).await.granted().unwrap();
    let waiting = silently(&mut browser, &ask).await;
    let mut secrets = vec![redeemed.get("code"), waiting.get("code"), tokens.refresh_token(), PASSWORD];
    let cookies = browser.cookies().clone();
    secrets.extend(["ESTSAUTH", "esctx"].map(|name| cookies[name].as_str()));
    tenant.stop().await;
    let mut files = 0;
    let mut user_found = false;
    read(folder.path(), &mut |bytes| {
        files += 1;
        let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        user_found |= holds(USER);
        for secret in &secrets {
            assert!(!holds(secret), "a secret of {} characters is in the database", secret.len());
        }
    })
    .unwrap();
    assert!(files > 0 && user_found, "the search finds what is there");
}

fn read(folder: &Path, look: &mut impl FnMut(&[u8])) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { read(&path, look)? } else { look(&fs::read(path)?) }
    }
    Ok(())
}

/// AC-08, TK-04: a credential of one kind is none of another.
#[tokio::test]
async fn no_credential_is_taken_for_another() {
    let tenant = TestTenant::start().await.unwrap();
    let ask = Ask::modern_portal();
    let mut browser = signed_in(&tenant).await;
    let waiting = silently(&mut browser, &ask).await;
    let first = silently(&mut browser, &ask).await;
    let tokens = ask.redeem(&tenant, &first).await.granted().unwrap();
    let session = browser.cookies()["ESTSAUTH"].clone();
    let page = tenant.browser().open(&ask.url()).await.unwrap().page().unwrap();
    let context = page.page.hidden.iter().find(|(name, _)| name == "ctx").map(|(_, ctx)| ctx.clone()).unwrap();
    for text in [tokens.refresh_token(), tokens.access_token(), &session, &context] {
        let answer = ask.redemption(&tenant, &waiting).set("code", text).send().await.unwrap();
        assert_eq!((answer.status, answer.error()), (400, "invalid_grant"), "as a code: {}", answer.text);
    }
    for text in [tokens.access_token(), waiting.get("code"), &session, &context] {
        let answer = tenant.refresh(text).client(ask.client, ask.secret).send().await.unwrap();
        assert_eq!((answer.status, answer.error()), (400, "invalid_grant"), "as a refresh token: {}", answer.text);
    }
    for text in [tokens.refresh_token(), waiting.get("code"), &session] {
        assert_eq!(user_info(&tenant, text).await.status, 401, "as an access token");
    }
    let mut thief = tenant.browser();
    for text in [waiting.get("code"), &context, &"x".repeat(43)] {
        thief.cookies().insert("ESTSAUTH".to_owned(), text.to_owned());
        assert_eq!(silently(&mut thief, &ask).await.get("error"), "login_required", "as a session");
    }
    assert_eq!(ask.redeem(&tenant, &waiting).await.status, 200, "what it is, it still is");
}

async fn user_info(tenant: &TestTenant, bearer: &str) -> Answer {
    let url = format!("{}/oidc/userinfo", tenant.origin());
    Answer::read(tenant.http().get(url).bearer_auth(bearer).send().await.unwrap()).await.unwrap()
}

/// TK-11, TK-14: a token in the address is not looked at, and what a client sent splits no header.
#[tokio::test]
async fn a_token_in_the_address_opens_nothing_and_nothing_splits_a_header() {
    let tenant = TestTenant::start().await.unwrap();
    let graph =
        tenant.password(USER).scope("openid profile https://graph.microsoft.com/User.Read").send().await.unwrap();
    assert_eq!(user_info(&tenant, graph.access_token()).await.status, 200, "in the header");
    let url = format!("{}/oidc/userinfo?access_token={}", tenant.origin(), graph.access_token());
    let refused = tenant.http().get(url).send().await.unwrap();
    assert_eq!(refused.status(), 401);
    assert!(refused.headers()["www-authenticate"].to_str().unwrap().starts_with("Bearer"));
    for name in ["state", "scope", "login_hint", "client_id", "redirect_uri"] {
        let ask = Ask::modern_portal().set("prompt", "none").set(name, "x\r\nSet-Cookie: evil=1\r\n\r\n<p>");
        let answer = tenant.http().get(format!("{}{}", tenant.origin(), ask.url())).send().await.unwrap();
        let mut cookies = answer.headers().get_all("set-cookie").iter();
        assert!(cookies.all(|line| !line.to_str().unwrap().starts_with("evil")), "{name}");
        assert!(answer.status().as_u16() < 500, "{name}: {}", answer.status());
    }
}

/// PK-01, PK-04: only the verifier that was promised, in the way that was promised.
#[tokio::test]
async fn no_other_verifier_redeems_a_challenged_code() {
    let tenant = TestTenant::start().await.unwrap();
    let ask = with_challenge(Ask::modern_portal());
    let answered = reply(&tenant, &ask).await;
    let challenge = ask.get("code_challenge").to_owned();
    for verifier in ["", &"x".repeat(42), &"x".repeat(129), &"x".repeat(43), &"é".repeat(43), "a b c", &challenge] {
        let wrong = ask.redemption(&tenant, &answered).set("code_verifier", verifier);
        let wrong = wrong.set("code_challenge_method", "plain").send().await.unwrap();
        assert_eq!(wrong.status, 400, "{verifier}: {}", wrong.text);
        assert!(["invalid_grant", "invalid_request"].contains(&wrong.error()), "{}", wrong.text);
    }
    let right = ask.redemption(&tenant, &answered).set("code_verifier", VERIFIER).send().await.unwrap();
    assert_eq!(right.status, 200, "{}", right.text);
}

/// PK-05, PK-06: a challenge that no verifier could have is refused when it is made.
#[tokio::test]
async fn a_malformed_challenge_is_refused_at_once() {
    let tenant = TestTenant::start().await.unwrap();
    let good = with_challenge(Ask::modern_portal()).get("code_challenge").to_owned();
    for (challenge, method, accepted) in [
        (good.as_str(), "S256", true),
        (&good, "plain", true),
        (&good, "S512", false),
        (&good, "s256", false),
        (&good[..42], "S256", false),
        (&format!("{good}{good}{good}"), "S256", false),
        (&format!("{good}="), "S256", false),
        (&format!("{}+", &good[..42]), "S256", false),
        (&format!("{good}/"), "plain", false),
    ] {
        let ask = Ask::modern_portal().set("code_challenge", challenge).set("code_challenge_method", method);
        let landed = tenant.browser().open(&ask.url()).await.unwrap();
        assert_eq!(landed.testid() == "page-user-name", accepted, "{challenge} {method}: {:?}", landed.code());
    }
}

/// PK-08: the challenge is kept through every step of the page.
#[tokio::test]
async fn a_challenge_is_kept_through_every_page() {
    let tenant = TestTenant::start().await.unwrap();
    let ask = with_challenge(Ask::modern_portal().set("prompt", "consent"));
    let mut browser = tenant.browser();
    let landed = browser.open(&ask.url()).await.unwrap();
    let landed = browser.sign_in(landed, "mfa@alpine.test", "wrong").await.unwrap();
    let landed = browser.sign_in(landed, "mfa@alpine.test", PASSWORD).await.unwrap();
    let otc = code(&tenant, TOTP_SECRET, 0);
    let landed = browser.submit(&landed.page().unwrap(), &[("otc", &otc)]).await.unwrap();
    assert_eq!(landed.testid(), "page-consent");
    let landed = browser.submit(&landed.page().unwrap(), &[("action", "accept")]).await.unwrap();
    let answered = browser.sign_in(landed, "", "").await.unwrap().reply().unwrap();
    assert_eq!(ask.redeem(&tenant, &answered).await.code(), Some(50148));
    let right = ask.redemption(&tenant, &answered).set("code_verifier", VERIFIER).send().await.unwrap();
    assert_eq!(right.status, 200, "{}", right.text);
}

/// RT-03: as in Entra, all who redeem one refresh token at once get tokens, and none is lost.
#[tokio::test]
async fn many_redeem_one_refresh_token_at_once() {
    let tenant = TestTenant::start().await.unwrap();
    let ask = Ask::modern_portal();
    let answered = reply(&tenant, &ask).await;
    let tokens = ask.redeem(&tenant, &answered).await.granted().unwrap();
    let refresh = |token: &str| tenant.refresh(token).client(ask.client, ask.secret);
    let requests: Vec<_> = (0..20).map(|_| refresh(tokens.refresh_token())).collect();
    let answers = crate::lockout::futures_like::join_all(requests.iter().map(|request| request.send())).await;
    for answer in answers {
        let answer = answer.unwrap().granted().unwrap();
        assert_eq!(refresh(answer.refresh_token()).send().await.unwrap().status, 200);
    }
}

/// TK-06, TK-07, TK-16: the key set tells nothing private, a person is another `sub` to each application, and a token with
/// one letter changed is none.
#[tokio::test]
async fn tokens_tell_no_more_and_bear_no_change() {
    let tenant = TestTenant::start().await.unwrap();
    let keys = tenant.http().get(format!("{}/discovery/v2.0/keys", tenant.authority())).send().await.unwrap();
    let keys = Answer::read(keys).await.unwrap();
    for key in keys.body["keys"].as_array().unwrap() {
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert!(key.get(private).is_none(), "{private}");
        }
        assert!(key["n"].as_str().unwrap().len() >= 342 && key["use"] == "sig", "{key}");
    }
    let mut browser = signed_in(&tenant).await;
    let mut of = Vec::new();
    for ask in [Ask::modern_portal(), Ask::second_portal()] {
        let answered = silently(&mut browser, &ask).await;
        of.push(ask.redeem(&tenant, &answered).await.granted().unwrap());
    }
    let (modern, second) = (of[0].id_claims(), of[1].id_claims());
    assert_eq!(modern["oid"], second["oid"]);
    assert_ne!(modern["sub"], second["sub"]);
    let ask = Ask::modern_portal();
    let token = of[0].refresh_token();
    for place in (0..token.len()).step_by(token.len() / 24) {
        let letter = if token.as_bytes()[place] == b'x' { "y" } else { "x" };
        let changed = format!("{}{letter}{}", &token[..place], &token[place + 1..]);
        for text in [&changed, &token[..place]] {
            let answer = tenant.refresh(text).client(ask.client, ask.secret).send().await.unwrap();
            assert_eq!(answer.status, 400, "place {place}: {}", answer.text);
        }
    }
    assert_eq!(tenant.refresh(token).client(ask.client, ask.secret).send().await.unwrap().status, 200);
}
