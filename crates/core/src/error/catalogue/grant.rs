//! What a client redeems: codes, refresh tokens, device codes, assertions; and PKCE.

use super::Confidence::{Captured, Documented, Inferred};
use super::RaisedBy::{AuthorizationCode, Authorize, DeviceCode, RefreshToken};
use super::{
    BAD_TOKEN, Delivery, INVALID_CLIENT, INVALID_GRANT, INVALID_REQUEST, LEARN, PAGE, Row, answering, interaction,
};

pub(super) const ROWS: &[Row] = &[
    Row {
        code: 20012,
        name: "WsFedMessageInvalid",
        template: "The WS-Federation message is invalid.",
        cause: "The federation service's message could not be read.",
        remedy: "Look at the federation service's configuration for this tenant.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_GRANT
    },
    Row {
        code: 50006,
        name: "InvalidSignature",
        template: "Signature verification failed because of an invalid signature.",
        cause: "No certificate of the domain's federation settings verifies the assertion.",
        remedy: "Register the federation service's present signing certificate.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_GRANT
    },
    Row {
        code: 50008,
        name: "InvalidSamlToken",
        template: "Unable to verify token signature. The signing key identifier does not match any valid registered \
                   keys.",
        cause: "The SAML assertion is missing or not as the domain's federation settings say.",
        remedy: "Compare issuer, certificate and audience with the federation settings.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_GRANT
    },
    Row {
        code: 50013,
        name: "InvalidAssertion",
        template: "Assertion failed signature validation. [Reason - {reason}]",
        cause: "On-behalf-of: the assertion is not a token of this tenant, or not for this application.",
        remedy: "Send the access token that the API received, unchanged.",
        confidence: Captured,
        source: "public reports (text and error)",
        ..INVALID_GRANT
    },
    Row {
        code: 50085,
        template: "The refresh token requires social IDP login. Have the user sign in again with username and \
                   password.",
        cause: "The account's identity provider wants the person back.",
        remedy: "Sign in interactively.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_GRANT
    },
    Row {
        code: 50089,
        template: "Authentication failed due to flow token expired.",
        cause: "The sign-in page was left open too long, or the code is too old.",
        remedy: "Start the sign-in again.",
        in_short: "start again",
        confidence: Documented,
        source: LEARN,
        raised_by: &[Authorize],
        ..PAGE
    },
    Row {
        code: 50107,
        name: "InvalidRealmUri",
        template: "The requested federation realm object '{realm}' does not exist.",
        cause: "The assertion's issuer is not the issuerUri of any federated domain.",
        remedy: "Compare it with the domain's federation settings.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_GRANT
    },
    Row {
        code: 50132,
        name: "SsoArtifactInvalidOrExpired",
        template: "The session is not valid due to password expiration or recent password change.",
        cause: "The password behind the session has changed or expired.",
        remedy: "Sign in interactively.",
        confidence: Documented,
        source: LEARN,
        ..answering("interaction_required", 400)
    },
    Row {
        code: 50133,
        name: "SsoArtifactRevoked",
        template: "The session is not valid due to password expiration or recent password change.",
        cause: "The session was revoked, usually by a password change.",
        remedy: "Sign in interactively.",
        in_short: "sign in again",
        confidence: Documented,
        source: LEARN,
        raised_by: &[Authorize],
        ..INVALID_GRANT
    },
    Row {
        code: 50134,
        name: "DeviceFlowAuthorizeWrongDatacenter",
        template: "Wrong data center. To authorize a request that was initiated by an app in the OAuth 2.0 device \
                   flow, the authorizing party must be in the same data center where the original request resides.",
        cause: "The device code was started in another region.",
        remedy: "Start the device code again from where it is confirmed.",
        confidence: Documented,
        source: LEARN,
        ..PAGE
    },
    Row {
        code: 50139,
        name: "SessionMissingMsaOAuth2RefreshToken",
        template: "The session is invalid due to a missing external refresh token.",
        cause: "The session of a personal account has lost what it is renewed with.",
        remedy: "Sign in interactively.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_GRANT
    },
    Row {
        code: 50147,
        name: "MissingCodeChallenge",
        template: "Invalid size of Code_Challenge parameter.",
        cause: "code_challenge is not 43 to 128 characters long (RFC 7636 §4.2).",
        remedy: "Send the base64url SHA-256 of the verifier.",
        in_short: "correct code_challenge",
        confidence: Documented,
        source: LEARN,
        delivery: Delivery::Redirect,
        raised_by: &[Authorize],
        ..INVALID_REQUEST
    },
    Row {
        code: 50148,
        template: "The code_verifier does not match the code_challenge supplied in the authorization request for PKCE.",
        cause: "code_verifier is missing or malformed (RFC 7636 §4.1).",
        remedy: "Send the verifier that the challenge was made from.",
        in_short: "send a valid code_verifier",
        confidence: Captured,
        source: "public reports (text and error)",
        raised_by: &[AuthorizationCode],
        ..INVALID_GRANT
    },
    Row {
        code: 50149,
        template: "Invalid Code_Challenge_method parameter.",
        cause: "code_challenge_method is neither S256 nor plain.",
        remedy: "Send S256.",
        in_short: "use S256",
        confidence: Documented,
        source: "public lists of codes",
        delivery: Delivery::Redirect,
        raised_by: &[Authorize],
        ..INVALID_REQUEST
    },
    Row {
        code: 50173,
        name: "FreshTokenNeeded",
        template: "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user \
                   might have changed or reset their password. The grant was issued on '{issuedAt}' and the \
                   TokensValidFrom date (before which tokens are not valid) for this user is '{tokensValidFrom}'.",
        cause: "The user's sessions were revoked, or the password was changed, after this token was issued.",
        remedy: "Sign in again. The date is the user's signInSessionsValidFromDateTime.",
        in_short: "sign in again",
        confidence: Captured,
        source: "recording of 2021-10",
        raised_by: &[RefreshToken, AuthorizationCode],
        ..BAD_TOKEN
    },
    Row {
        code: 50199,
        name: "CmsiInterrupt",
        template: "For security reasons, user confirmation is required for this request. Please repeat the request \
                   allowing user interaction.",
        cause: "The person must confirm that this application is the one they mean to sign in to.",
        remedy: "Let the person answer the page.",
        confidence: Documented,
        source: LEARN,
        delivery: Delivery::Page,
        ..answering("interaction_required", 400)
    },
    Row {
        code: 54005,
        template: "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an \
                   existing refresh token.",
        cause: "A code works once, and this one was used.",
        remedy: "Look for a page that is loaded twice or a request that is repeated; then start again at /authorize.",
        in_short: "sign in again",
        confidence: Captured,
        source: "public reports (text and error); Microsoft Learn, identity-platform/reference-error-codes",
        raised_by: &[AuthorizationCode, DeviceCode],
        ..INVALID_GRANT
    },
    Row {
        code: 70000,
        name: "InvalidGrant",
        template: "The provided access grant is invalid or malformed.",
        cause: "The code or refresh token is a real one that this request may not use: the user or consent behind it \
                is gone.",
        remedy: "Sign in again.",
        in_short: "sign in again",
        confidence: Captured,
        source: "public reports (texts) of 2014 to 2023; suberror weakly captured",
        raised_by: &[RefreshToken],
        ..BAD_TOKEN
    },
    Row {
        code: 70008,
        name: "ExpiredOrRevokedGrant",
        template: "The provided authorization code or refresh token has expired due to inactivity. Send a new \
                   interactive authorization request for this user and resource.",
        cause: "A code older than ten minutes, or a refresh token that was not used for too long.",
        remedy: "Start again at /authorize.",
        in_short: "sign in again",
        confidence: Captured,
        source: "public reports (text and error); suberror inferred",
        raised_by: &[AuthorizationCode],
        ..BAD_TOKEN
    },
    Row {
        code: 70016,
        name: "AuthorizationPending",
        template: "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
        cause: "The person has not finished at the device login page. Not a failure.",
        remedy: "Poll again after interval seconds.",
        confidence: Captured,
        source: "body of 2021-05",
        in_short: "finish on the page",
        raised_by: &[DeviceCode],
        ..answering("authorization_pending", 400)
    },
    Row {
        code: 70018,
        name: "BadVerificationCode",
        template: "Invalid verification code due to User typing in wrong user code for device code flow.",
        cause: "The code is not one that was issued; or, with error authorization_declined, the person said no.",
        remedy: "Start the device code flow again.",
        confidence: Documented,
        source: "Microsoft Learn, v2-oauth2-device-code and reference-error-codes",
        in_short: "start again",
        raised_by: &[DeviceCode, Authorize],
        ..answering("bad_verification_code", 400)
    },
    Row {
        code: 70019,
        name: "CodeExpired",
        template: "Verification code expired.",
        cause: "The device code was not confirmed within fifteen minutes.",
        remedy: "Start the device code flow again.",
        confidence: Documented,
        source: LEARN,
        ..answering("expired_token", 400)
    },
    Row {
        code: 70020,
        template: "The provided value for the input parameter 'device_code' is not valid. This device code has \
                   expired.",
        cause: "The device code was not confirmed within fifteen minutes.",
        remedy: "Start the device code flow again.",
        confidence: Documented,
        source: "public reports (text); error from Microsoft Learn, v2-oauth2-device-code",
        in_short: "start again",
        raised_by: &[DeviceCode],
        ..answering("expired_token", 400)
    },
    Row {
        code: 70043,
        name: "BadTokenDueToSignInFrequency",
        error_uri: false,
        template: "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access. \
                   The token was issued on {issuedAt} and the maximum allowed lifetime for this request is {seconds}.",
        cause: "A Conditional Access policy wants a new sign-in after so many seconds.",
        remedy: "Sign in interactively.",
        confidence: Captured,
        source: "bodies of 2022 and 2026",
        ..interaction("token_expired")
    },
    Row {
        code: 70044,
        template: "The session has expired or is invalid due to sign-in frequency checks by conditional access.",
        cause: "A Conditional Access policy wants a new sign-in after some time.",
        remedy: "Sign in interactively.",
        confidence: Documented,
        source: "public lists of codes",
        delivery: Delivery::Page,
        ..answering("interaction_required", 400)
    },
    Row {
        code: 90020,
        template: "The SAML 1.1 Assertion is missing ImmutableID of the user.",
        cause: "The federation service's assertion lacks the ImmutableID attribute.",
        remedy: "Let it issue ImmutableID, equal to the user's onPremisesImmutableId.",
        confidence: Documented,
        source: LEARN,
        ..INVALID_GRANT
    },
    Row {
        code: 90119,
        name: "InvalidUserCode",
        template: "The user code is null or empty.",
        cause: "The device login page was sent without a code.",
        remedy: "Type the code that the device shows.",
        confidence: Documented,
        source: LEARN,
        in_short: "type the code",
        raised_by: &[Authorize],
        ..PAGE
    },
    Row {
        code: 90120,
        name: "InvalidDeviceFlowRequest",
        template: "The request was already authorized or declined.",
        cause: "The code was answered before.",
        remedy: "Start the device code flow again.",
        confidence: Documented,
        source: LEARN,
        in_short: "start again",
        raised_by: &[Authorize],
        ..PAGE
    },
    Row {
        code: 240002,
        name: "RequiredClaimIsMissing",
        template: "Input id_token cannot be used as 'urn:ietf:params:oauth:grant-type:jwt-bearer' grant.",
        cause: "On-behalf-of with an id token.",
        remedy: "Send the access token that the API received.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_REQUEST
    },
    Row {
        code: 500112,
        template: "The reply address '{redirectUri}' does not match the reply address '{requestedRedirectUri}' \
                   provided when requesting Authorization code.",
        cause: "redirect_uri differs between /authorize and /token.",
        remedy: "Send the same value, letter by letter.",
        in_short: "send the same redirect_uri",
        confidence: Inferred,
        source: "general knowledge of Entra; no capture found",
        raised_by: &[AuthorizationCode],
        ..INVALID_CLIENT
    },
    Row {
        code: 500131,
        template: "Assertion audience does not match the Client app presenting the assertion. The audience in the \
                   assertion was '{audience}' and the expected audience is '{expectedAudience}' or one of the \
                   Application Uris of this application with App ID '{appId}'({appName}). The downstream client must \
                   request a token for the expected audience (the application that made the OBO request) and this \
                   application should use that token as the assertion.",
        cause: "On-behalf-of with a token that was made for another API.",
        remedy: "Let the client ask for a token for this API, and send that one.",
        confidence: Captured,
        source: "public reports (texts) of 2020 and 2024; error from MSAL .NET's behaviour",
        ..INVALID_GRANT
    },
    Row {
        code: 500133,
        template: "Assertion is not within its valid time range. Ensure that the access token is not expired before \
                   using it for user assertion, or request a new token. Current time: {now}, expiry time of assertion \
                   {expires}.",
        cause: "On-behalf-of with an expired token.",
        remedy: "Let the client ask for a new token first, and check the clocks.",
        confidence: Captured,
        source: "body of 2024",
        ..INVALID_GRANT
    },
    Row {
        code: 501481,
        template: "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
        cause: "code_verifier is not the one that the challenge was made from.",
        remedy: "Keep the verifier of each request until its code is redeemed.",
        in_short: "send the right code_verifier",
        confidence: Captured,
        source: "public reports (text and error)",
        raised_by: &[AuthorizationCode],
        ..INVALID_GRANT
    },
    Row {
        code: 501491,
        name: "InvalidCodeChallengeMethodInvalidSize",
        template: "Invalid size of Code_Challenge parameter.",
        cause: "code_challenge does not have the length that its method gives.",
        remedy: "Send the base64url SHA-256 of the verifier, without padding.",
        confidence: Documented,
        source: LEARN,
        delivery: Delivery::Redirect,
        ..INVALID_REQUEST
    },
    Row {
        code: 700003,
        suberror: Some("device_authentication_failed"),
        template: "Device object was not found in the tenant '{tenant}' directory.",
        cause: "The device that the token belongs to was removed from the directory.",
        remedy: "Register the device again.",
        confidence: Inferred,
        source: "general knowledge of Entra; no capture found",
        ..INVALID_GRANT
    },
    Row {
        code: 700005,
        name: "InvalidGrantRedeemAgainstWrongTenant",
        template: "Provided Authorization Code is intended to use against other tenant, thus rejected. OAuth2 \
                   Authorization Code must be redeemed against same tenant it was acquired for (/common or \
                   /{tenant-ID} as appropriate)",
        cause: "The code was asked for on one tenant's path and redeemed on another's.",
        remedy: "Use the same path for both.",
        in_short: "redeem at the same tenant",
        confidence: Documented,
        source: LEARN,
        raised_by: &[AuthorizationCode, DeviceCode],
        ..INVALID_GRANT
    },
    Row {
        code: 700007,
        template: "The grant was issued for a different client id.",
        cause: "The refresh token was issued to another application. Only Microsoft's own family of clients (foci) \
                may redeem one another's.",
        remedy: "Redeem it with the client_id that it was issued to, or sign in again.",
        in_short: "sign in again",
        confidence: Captured,
        source: "Partner-Center-PowerShell#419, EntraFalcon#6 (text and error); suberror from MSAL's own tests",
        raised_by: &[RefreshToken, AuthorizationCode, DeviceCode],
        suberror: Some("client_mismatch"),
        suberror_v1: Some("client_mismatch"),
        ..INVALID_GRANT
    },
    Row {
        code: 700009,
        template: "Reply address must be provided when presenting an authorization code requested with an explicit \
                   reply address.",
        cause: "redirect_uri was sent to /authorize and not to /token.",
        remedy: "Send the same redirect_uri to both.",
        in_short: "send redirect_uri",
        confidence: Inferred,
        source: "general knowledge of Entra; no capture found",
        raised_by: &[AuthorizationCode],
        ..INVALID_REQUEST
    },
    Row {
        code: 700081,
        template: "The refresh token has expired due to maximum lifetime. The token was issued on {issuedAt} and the \
                   maximum allowed lifetime for this application is {lifetime}.",
        cause: "The refresh token is older than the application allows.",
        remedy: "Sign in interactively.",
        confidence: Captured,
        source: "MSAL JS tests; suberror inferred",
        ..BAD_TOKEN
    },
    Row {
        code: 700082,
        name: "ExpiredOrRevokedGrantInactiveToken",
        template: "The refresh token has expired due to inactivity.\u{a0}The token was issued on {issuedAt} and was \
                   inactive for {inactiveFor}.",
        cause: "The refresh token was not used for 90 days.",
        remedy: "Sign in again. In Ropeway the days are the tenant's: moving its clock ages tokens.",
        in_short: "sign in again",
        confidence: Captured,
        source: "public reports; suberror inferred",
        raised_by: &[RefreshToken],
        ..BAD_TOKEN
    },
    Row {
        code: 700084,
        template: "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited \
                   lifetime of {lifetime}, which cannot be extended. It is now expired and a new sign in request must \
                   be sent by the SPA to the sign in page. The token was issued on {issuedAt}.",
        cause: "Refresh tokens of single-page applications end 24 hours after the sign-in.",
        remedy: "Sign in again, in a full page or a pop-up.",
        in_short: "sign in again",
        confidence: Documented,
        source: LEARN,
        raised_by: &[RefreshToken],
        ..BAD_TOKEN
    },
    Row {
        code: 7000114,
        template: "Application '{appId}' is not allowed to make application on-behalf-of calls.",
        cause: "On-behalf-of with an application's token.",
        remedy: "Send a user's token; an application calls the next API in its own name.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_GRANT
    },
    Row {
        code: 9002325,
        template: "Proof Key for Code Exchange is required for cross-origin authorization code redemption.",
        cause: "A single-page application's redirect URI without PKCE.",
        remedy: "Send code_challenge and code_verifier (RFC 7636).",
        in_short: "use PKCE",
        confidence: Captured,
        source: "public reports (text and error)",
        raised_by: &[AuthorizationCode],
        ..INVALID_REQUEST
    },
    Row {
        code: 9002326,
        template: "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type. \
                   Request origin: '{origin}'.",
        cause: "A browser redeems a code whose redirect URI is not registered as a single-page application's.",
        remedy: "Register the redirect URI under Single-page application (spa.redirectUris).",
        in_short: "register the URI under spa",
        confidence: Captured,
        source: "body of 2022; origin part later",
        raised_by: &[RefreshToken, AuthorizationCode],
        ..INVALID_REQUEST
    },
    Row {
        code: 9002327,
        template: "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin \
                   requests.",
        cause: "A server redeems a code whose redirect URI is a single-page application's.",
        remedy: "Register the redirect URI under Web, or redeem the code in the browser.",
        in_short: "redeem from the page",
        confidence: Captured,
        source: "public reports (text and error)",
        raised_by: &[RefreshToken, AuthorizationCode],
        ..INVALID_REQUEST
    },
];
