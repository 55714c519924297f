//! The authorize endpoint: redirect URI, response type, session, sign-out.

use super::Confidence::{Captured, Documented, Inferred};
use super::RaisedBy::Authorize;
use super::{LEARN, PAGE, Row, redirect};

pub(super) const ROWS: &[Row] = &[
    Row {
        code: 16000,
        name: "InteractionRequired",
        template: "User account '{EmailHidden}' from identity provider '{idp}' does not exist in tenant '{tenant}' and \
                   cannot access the application '{appId}'({appName}) in that tenant. The account needs to be added as \
                   an external user in the tenant first. Sign out and sign in again with a different Microsoft Entra \
                   user account.",
        cause: "prompt=none with several sessions and no hint which one, or a session of an account that is not in the \
                tenant.",
        remedy: "Send login_hint or sid, or sign in interactively.",
        in_short: "send login_hint",
        confidence: Documented,
        source: LEARN,
        raised_by: &[Authorize],
        ..redirect("interaction_required")
    },
    Row {
        code: 16001,
        name: "UserAccountSelectionInvalid",
        template: "The user account selection is invalid.",
        cause: "The person chose an account that the page no longer offers.",
        remedy: "Choose again.",
        confidence: Documented,
        source: LEARN,
        ..PAGE
    },
    Row {
        code: 16002,
        name: "AppSessionSelectionInvalid",
        template: "The app-specified SID requirement was not met.",
        cause: "No session has the sid that was asked for.",
        remedy: "Sign in interactively.",
        confidence: Documented,
        source: LEARN,
        ..redirect("interaction_required")
    },
    Row {
        code: 50011,
        name: "InvalidReplyTo",
        template: "The redirect URI '{redirectUri}' specified in the request does not match the redirect URIs \
                   configured for the application '{appId}'. Make sure the redirect URI sent in the request matches \
                   one added to your application in the Azure portal. Navigate to \
                   https://aka.ms/redirectUriMismatchError to learn more about how to fix this.",
        cause: "redirect_uri is not registered, letter by letter: scheme, port, path, case and trailing slash count.",
        remedy: "Register it under Authentication. In a tenant file: web, spa or publicClient redirectUris.",
        in_short: "register the redirect URI",
        confidence: Captured,
        source: "public reports (text), 2022 to 2026",
        raised_by: &[Authorize],
        ..PAGE
    },
    Row {
        code: 50058,
        name: "UserInformationNotProvided",
        template: "A silent sign-in request was sent but no user is signed in.",
        cause: "prompt=none and no session in this browser, or the browser did not send its cookie.",
        remedy: "Sign in interactively.",
        in_short: "sign in",
        confidence: Captured,
        source: "public reports",
        raised_by: &[Authorize],
        ..redirect("login_required")
    },
    Row {
        code: 50061,
        name: "SignoutInvalidRequest",
        template: "Unable to complete sign out. The request was invalid.",
        cause: "The sign-out request cannot be read.",
        remedy: "Send post_logout_redirect_uri and, if any, logout_hint as documented.",
        confidence: Documented,
        source: LEARN,
        ..PAGE
    },
    Row {
        code: 50068,
        name: "SignoutInitiatorNotParticipant",
        template: "Sign out has failed. The app that initiated sign out is not a participant in the current session.",
        cause: "The application was not signed in to in this session.",
        remedy: "Sign out of an application that the session knows.",
        confidence: Documented,
        source: LEARN,
        ..PAGE
    },
    Row {
        code: 50070,
        name: "SignoutUnknownSessionIdentifier",
        template: "Sign out has failed. The sign out request specified a name identifier that didn't match the \
                   existing session(s).",
        cause: "The sign-out names a session that is not here.",
        remedy: "Send the identifier that the sign-in gave.",
        confidence: Documented,
        source: LEARN,
        ..PAGE
    },
    Row {
        code: 50071,
        name: "SignoutMessageExpired",
        template: "The logout request has expired.",
        cause: "The sign-out request is too old.",
        remedy: "Send a new one, and check the clocks.",
        confidence: Documented,
        source: LEARN,
        ..PAGE
    },
    Row {
        code: 50140,
        name: "KmsiInterrupt",
        template: "This error occurred due to 'Keep me signed in' interrupt when the user was signing-in.",
        cause: "The page asks whether to stay signed in. A step, not a failure.",
        remedy: "Answer the page.",
        confidence: Documented,
        source: LEARN,
        ..PAGE
    },
    Row {
        code: 50143,
        template: "Session mismatch - Session is invalid because user tenant does not match the domain hint due to \
                   different resource.",
        cause: "domain_hint names another tenant than the session's.",
        remedy: "Leave domain_hint out, or sign out first.",
        confidence: Documented,
        source: LEARN,
        ..PAGE
    },
    Row {
        code: 50168,
        name: "ChromeBrowserSsoInterruptRequired",
        template: "The client is capable of obtaining an SSO token through the Windows 10 Accounts extension, but the \
                   token was not found in the request or the supplied token was expired.",
        cause: "The browser's single sign-on extension is asked first. A step, not a failure.",
        remedy: "Nothing; the page goes on.",
        confidence: Documented,
        source: LEARN,
        ..PAGE
    },
    Row {
        code: 50180,
        name: "WindowsIntegratedAuthMissing",
        template: "Integrated Windows authentication is needed.",
        cause: "The tenant tries Windows single sign-on first. A step, not a failure.",
        remedy: "Nothing, or enable seamless single sign-on.",
        confidence: Documented,
        source: LEARN,
        ..PAGE
    },
    Row {
        code: 70004,
        name: "InvalidRedirectUri",
        template: "The redirect URI '{redirectUri}' is not valid.",
        cause: "redirect_uri cannot be used.",
        remedy: "Register it, and send it as registered.",
        confidence: Documented,
        source: LEARN,
        ..PAGE
    },
    Row {
        code: 70005,
        name: "UnsupportedResponseType",
        template: "response_type '{responseType}' isn't enabled for the app",
        cause: "response_type is unknown, not allowed for the application, or has id_token without the scope openid.",
        remedy: "Use response_type=code.",
        in_short: "use response_type=code",
        confidence: Documented,
        source: LEARN,
        raised_by: &[Authorize],
        ..redirect("unsupported_response_type")
    },
    Row {
        code: 70007,
        name: "UnsupportedResponseMode",
        template: "'{responseMode}' is not a supported value of 'response_mode' when requesting a token.",
        cause: "Tokens in the query string are not allowed.",
        remedy: "Use fragment or form_post, or response_type=code.",
        in_short: "change response_mode",
        confidence: Documented,
        source: LEARN,
        raised_by: &[Authorize],
        ..redirect("invalid_request")
    },
    Row {
        code: 160021,
        name: "AppSessionSelectionInvalidSessionNotExist",
        template: "Application requested a user session which does not exist.",
        cause: "No session has the sid that was asked for.",
        remedy: "Sign in interactively.",
        in_short: "sign in",
        confidence: Documented,
        source: LEARN,
        raised_by: &[Authorize],
        ..redirect("interaction_required")
    },
    Row {
        code: 500113,
        template: "No reply address is registered for the application.",
        cause: "The application has no redirect URI at all.",
        remedy: "Register one. In a tenant file: web, spa or publicClient redirectUris.",
        in_short: "register a redirect URI",
        confidence: Captured,
        source: "public reports (text)",
        raised_by: &[Authorize],
        ..PAGE
    },
    Row {
        code: 500581,
        template: "Rendering JavaScript. Fetching sessions for prompt=none on V2 with MSA will require javascript to \
                   verify if any MSA accounts are signed in.",
        cause: "prompt=none looks for a personal account's session. A step, not a failure.",
        remedy: "Nothing; the page goes on.",
        confidence: Documented,
        source: "public lists of codes",
        ..PAGE
    },
    Row {
        code: 700020,
        name: "InteractionRequired",
        template: "The access grant requires interaction.",
        cause: "Something must be asked of the person.",
        remedy: "Sign in interactively.",
        confidence: Documented,
        source: LEARN,
        ..redirect("interaction_required")
    },
    Row {
        code: 700051,
        template: "response_type 'token' is not enabled for the application.",
        cause: "The implicit flow for access tokens is off.",
        remedy: "Use response_type=code with PKCE, or allow access tokens under Implicit grant.",
        in_short: "use response_type=code",
        confidence: Inferred,
        source: "general knowledge of Entra; no capture found",
        raised_by: &[Authorize],
        ..redirect("unsupported_response_type")
    },
    Row {
        code: 700054,
        template: "response_type 'id_token' is not enabled for the application.",
        cause: "The implicit flow for id tokens is off.",
        remedy: "Allow id tokens under Implicit grant and hybrid flows, or use response_type=code.",
        in_short: "use response_type=code",
        confidence: Documented,
        source: LEARN,
        raised_by: &[Authorize],
        ..redirect("unsupported_response_type")
    },
    Row {
        code: 900971,
        template: "No reply address provided.",
        cause: "redirect_uri is missing and the application has several or none.",
        remedy: "Send redirect_uri.",
        confidence: Documented,
        source: LEARN,
        ..PAGE
    },
];
