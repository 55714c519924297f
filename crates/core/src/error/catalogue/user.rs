//! The user, the password, the account.

use super::Confidence::{Captured, Documented, Inferred};
use super::RaisedBy::{AuthorizationCode, Authorize, DeviceCode, Password, RefreshToken};
use super::{BAD_TOKEN, Delivery, INVALID_GRANT, INVALID_REQUEST, LEARN, PAGE, Row};

pub(super) const ROWS: &[Row] = &[
    Row {
        code: 16003,
        name: "SsoUserAccountNotFoundInResourceTenant",
        template: "The user account {EmailHidden} does not exist in the {tenant} directory. To sign into this \
                   application, the account must be added to the directory.",
        cause: "A signed-in user of another tenant was never added to this one.",
        remedy: "Invite the user as a guest.",
        confidence: Documented,
        source: LEARN,
        ..PAGE
    },
    Row {
        code: 50014,
        name: "GuestUserInPendingState",
        template: "The user's redemption is in a pending state. The guest user account is not fully created yet.",
        cause: "The guest has not accepted the invitation.",
        remedy: "Let the guest accept the invitation once, in a browser.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_GRANT
    },
    Row {
        code: 50020,
        name: "UserUnauthorized",
        template: "User account '{EmailHidden}' from identity provider 'https://sts.windows.net/{homeTid}/' does not \
                   exist in tenant '{tenantName}' and cannot access the application '{appId}'({appName}) in that \
                   tenant. The account needs to be added as an external user in the tenant first. Sign out and sign in \
                   again with a different Microsoft Entra user account.",
        cause: "The password is right, and the user belongs to another tenant and is no guest of this one.",
        remedy: "Use the user's home tenant in the path, or invite the user here. In a tenant file: a user with \
                 userType: Guest and this mail.",
        in_short: "be invited as a guest",
        confidence: Captured,
        source: "msal-dotnet#2255",
        raised_by: &[Password, RefreshToken, AuthorizationCode, Authorize],
        ..INVALID_GRANT
    },
    Row {
        code: 50034,
        name: "UserAccountNotFound",
        template: "The user account {EmailHidden} does not exist in the {tenant} directory. To sign into this \
                   application, the account must be added to the directory.",
        cause: "No user of this tenant has this name. Personal and Google accounts look like this too: Entra never \
                holds their password, even when they are guests.",
        remedy: "Check the user name and the tenant in the path. In Ropeway: userPrincipalName, or a guest's mail, \
                 under users of this tenant.",
        in_short: "correct the user name",
        confidence: Captured,
        source: "recording of 2021-08; azure-docs#48079 and #111519",
        raised_by: &[Password, RefreshToken, AuthorizationCode, DeviceCode, Authorize],
        ..BAD_TOKEN
    },
    Row {
        code: 50053,
        name: "IdsLocked",
        error_v1: "unauthorized_client",
        template: "The account is locked, you've tried to sign in too many times with an incorrect user ID or \
                   password.",
        cause: "Too many wrong passwords in a row: smart lockout. While it lasts the right password is refused as \
                well. Entra gives the same answer to addresses that it holds for malicious.",
        remedy: "Wait until the lock ends (60 seconds at first, longer each time) and stop whatever retries with an \
                 old password. In Ropeway: smartLockout and lockedUntilDateTime, or move the tenant's clock.",
        in_short: "wait until the lock ends",
        confidence: Captured,
        source: "msal-python#211 (text), HDInsight documentation (v1.0 body, 2019); v2.0 error inferred",
        raised_by: &[Password, Authorize],
        ..INVALID_GRANT
    },
    Row {
        code: 50055,
        name: "InvalidPasswordExpiredPassword",
        error_v1: "user_password_expired",
        suberror: Some("user_password_expired"),
        suberror_v1: Some("user_password_expired"),
        password_change_url_v1: Some("https://portal.microsoftonline.com/ChangePassword.aspx"),
        template: "Password is expired.",
        cause: "The password is right and too old, or an administrator set it and the user must change it first. A \
                token request cannot do that.",
        remedy: "Sign in once in a browser and set a new password. In Ropeway: lastPasswordChangeDateTime, \
                 passwordValidityPeriodInDays, passwordPolicies: DisablePasswordExpiration, \
                 forceChangePasswordNextSignIn.",
        in_short: "choose a new password",
        confidence: Captured,
        source: "HDInsight documentation (v1.0 body, 2019); v2.0 error from MSAL .NET and MSAL Java",
        raised_by: &[Password],
        ..INVALID_GRANT
    },
    Row {
        code: 50056,
        template: "Invalid or missing password: password does not exist in the directory for this user.",
        cause: "The user has no password in the cloud: one who signs in with a passkey or a Temporary Access Pass, is \
                federated without password hash sync, or a guest whose home is elsewhere.",
        remedy: "Sign in with what the user has, on the platform's page; Ropeway's page takes passwords only. In Ropeway: \
                 give the user a passwordProfile.",
        in_short: "use another credential",
        confidence: Captured,
        source: "azure-docs#49763",
        raised_by: &[Password, Authorize],
        ..INVALID_GRANT
    },
    Row {
        code: 50057,
        name: "UserDisabled",
        template: "The user account is disabled.",
        cause: "The account is switched off. Said only after the right password, or to a valid refresh token.",
        remedy: "Enable the user. In Ropeway: accountEnabled: true.",
        in_short: "have the account enabled",
        confidence: Captured,
        source: "azure-cli#18945, authd#814 (refresh); for the password grant inferred",
        raised_by: &[Password, RefreshToken, AuthorizationCode, DeviceCode, Authorize],
        ..INVALID_GRANT
    },
    Row {
        code: 50064,
        name: "CredentialAuthenticationError",
        template: "Credential validation on username or password has failed.",
        cause: "The credentials could not be checked.",
        remedy: "As for AADSTS50126.",
        confidence: Documented,
        source: LEARN,
        ..INVALID_GRANT
    },
    Row {
        code: 50105,
        name: "EntitlementGrantsNotFound",
        template: "Your administrator has configured the application {appName} ('{appId}') to block users unless they \
                   are specifically granted ('assigned') access to the application. The signed in user '{user}' is \
                   blocked because they are not a direct member of a group with access, nor had access directly \
                   assigned by an administrator. Please contact your administrator to assign access to this \
                   application.",
        cause: "The application requires assignment, and neither the user nor a group that the user is a direct member \
                of is assigned.",
        remedy: "Assign the user under Enterprise applications, Users and groups; nested groups do not count. In a \
                 tenant file: appRoleAssignments, or servicePrincipal.appRoleAssignmentRequired: false.",
        in_short: "be assigned to the client",
        confidence: Inferred,
        source: "echo360#68 (text, 2022); error inferred",
        raised_by: &[Password, RefreshToken, AuthorizationCode, DeviceCode, Authorize],
        ..INVALID_GRANT
    },
    Row {
        code: 50125,
        name: "PasswordResetRegistrationRequiredInterrupt",
        template: "Sign-in was interrupted because of a password reset or password registration entry.",
        cause: "The person is sent through password reset registration.",
        remedy: "Finish the registration in the browser.",
        confidence: Documented,
        source: LEARN,
        ..PAGE
    },
    Row {
        code: 50126,
        name: "InvalidUserNameOrPassword",
        template: "Error validating credentials due to invalid username or password.",
        cause: "The password is wrong. Users of a federated domain get the same answer, however right their password \
                is, because Entra does not hold it.",
        remedy: "Check the password, blanks at its ends included. For a federated user sign in through the browser, or \
                 allow AllowCloudPasswordValidation with password hash sync. In Ropeway: passwordProfile.password.",
        in_short: "type the right password",
        confidence: Captured,
        source: "azure-docs#67454, requestateam#369, body of 2025-02",
        raised_by: &[Password, Authorize],
        ..INVALID_GRANT
    },
    Row {
        code: 50135,
        name: "PasswordChangeCompromisedPassword",
        template: "Password change is required due to account risk.",
        cause: "The account is held for compromised.",
        remedy: "Change the password in the browser, or let an administrator dismiss the risk.",
        confidence: Inferred,
        source: LEARN,
        ..PAGE
    },
    Row {
        code: 50137,
        template: "Password change is required due to account risk.",
        cause: "The account is held for compromised.",
        remedy: "Change the password in the browser, or let an administrator dismiss the risk.",
        confidence: Inferred,
        source: "public lists of codes",
        ..PAGE
    },
    Row {
        code: 50144,
        name: "InvalidPasswordExpiredOnPremPassword",
        suberror: Some("user_password_expired"),
        suberror_v1: Some("user_password_expired"),
        template: "User's Active Directory password has expired. Generate a new password for the user or have the user \
                   use the self-service reset tool to reset their password.",
        cause: "Pass-through authentication: the on-premises password is too old.",
        remedy: "Change the password on premises.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_GRANT
    },
    Row {
        code: 50197,
        name: "ConflictingIdentities",
        template: "The user could not be found. Please try again.",
        cause: "Several identities answer to this name.",
        remedy: "Remove the duplicate, or sign in with another name of the user.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_GRANT
    },
    Row {
        code: 51004,
        name: "UserAccountNotInDirectory",
        template: "The user account {user} does not exist in the {tenant} directory. To sign into this application, \
                   the account must be added to the directory.",
        cause: "A federated assertion names an immutable id that no user of the tenant has.",
        remedy: "Compare the assertion's ImmutableID with the user's onPremisesImmutableId.",
        confidence: Documented,
        source: LEARN,
        ..INVALID_GRANT
    },
    Row {
        code: 54000,
        name: "MinorUserBlockedLegalAgeGroupRule",
        template: "The user is blocked due to the legal age group rule.",
        cause: "The account is a minor's.",
        remedy: "Set the user's age group and consent as the law asks.",
        confidence: Documented,
        source: LEARN,
        ..PAGE
    },
    Row {
        code: 80001,
        name: "OnPremiseStoreIsNotAvailable",
        template: "The Authentication Agent is unable to connect to Active Directory.",
        cause: "Pass-through authentication: the agent does not reach the domain controllers.",
        remedy: "Check the agent servers' network and forest membership.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_GRANT
    },
    Row {
        code: 80002,
        name: "OnPremisePasswordValidatorRequestTimedout",
        template: "Password validation request timed out.",
        cause: "Pass-through authentication: no agent answered in time.",
        remedy: "Start the agent and check that it reaches Active Directory. In Ropeway: passThroughAgent: up.",
        in_short: "start the agent",
        confidence: Inferred,
        source: "Microsoft Learn, identity-platform/reference-error-codes (text); error inferred",
        raised_by: &[Password, Authorize],
        ..INVALID_GRANT
    },
    Row {
        code: 80005,
        name: "OnPremisePasswordValidatorUnpredictableWebException",
        template: "An unknown error occurred while processing the response from the Authentication Agent.",
        cause: "Pass-through authentication: the agent's answer could not be read.",
        remedy: "Try again; look at the agent's log if it stays.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_GRANT
    },
    Row {
        code: 80007,
        name: "OnPremisePasswordValidatorErrorOccurredOnPrem",
        template: "The Authentication Agent is unable to validate user's password.",
        cause: "Pass-through authentication: the agent could not check the password.",
        remedy: "Look at the agent's log.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_GRANT
    },
    Row {
        code: 80010,
        name: "OnPremisePasswordValidationEncryptionException",
        template: "The Authentication Agent is unable to decrypt password.",
        cause: "Pass-through authentication: the agent's keys do not fit.",
        remedy: "Register the agent again.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_GRANT
    },
    Row {
        code: 80012,
        name: "OnPremisePasswordValidationAccountLogonInvalidHours",
        template: "The users attempted to log on outside of the allowed hours (this is specified in AD).",
        cause: "Active Directory forbids this user to sign in at this hour.",
        remedy: "Widen the user's logon hours, or try later.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_GRANT
    },
    Row {
        code: 80013,
        name: "OnPremisePasswordValidationTimeSkew",
        template: "The authentication attempt could not be completed due to time skew between the machine running the \
                   authentication agent and AD.",
        cause: "The agent's clock is wrong.",
        remedy: "Synchronise the clocks.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_GRANT
    },
    Row {
        code: 80014,
        name: "OnPremisePasswordValidationAuthenticationAgentTimeout",
        template: "Validation request responded after maximum elapsed time exceeded.",
        cause: "Pass-through authentication: the agent answered too late.",
        remedy: "Check the agent's load and network.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_GRANT
    },
    Row {
        code: 81016,
        delivery: Delivery::WsTrustFault,
        template: "Invalid STS request.",
        cause: "A WS-Trust request could not be read.",
        remedy: "Compare the envelope with what the endpoint documents.",
        confidence: Captured,
        source: "fault of the autologon WS-Trust endpoint",
        ..INVALID_REQUEST
    },
    Row {
        code: 90072,
        name: "PassThroughUserMfaError",
        template: "User account '{EmailHidden}' from identity provider 'https://sts.windows.net/{homeTid}/' does not \
                   exist in tenant '{tenantName}' and cannot access the application '{appId}'({appName}) in that \
                   tenant. The account needs to be added as an external user in the tenant first. Sign out and sign in \
                   again with a different Microsoft Entra user account.",
        cause: "The credentials are right, and the user's account is not in this tenant, so a second factor cannot be \
                asked.",
        remedy: "Invite the user as a guest, or use the home tenant in the path.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_GRANT
    },
    Row {
        code: 500208,
        template: "The domain is not a valid login domain for the account type.",
        cause: "The account is of another kind than the tenant takes, for instance of an external tenant (CIAM) on the \
                workforce host.",
        remedy: "Use the host that belongs to the tenant's kind.",
        confidence: Inferred,
        source: "azure-docs#114115 (text); error inferred",
        ..INVALID_REQUEST
    },
];
