//! The sample tenant's cast, by name.

use ropeway_core::ids::{AppId, TenantId};
use uuid::Uuid;

/// The tenant Alpine.
pub const ALPINE: TenantId = TenantId(Uuid::from_u128(0x5e1f0a00_0000_4000_8000_000000000001));
/// The partner tenant Fjord.
pub const FJORD: TenantId = TenantId(Uuid::from_u128(0x5e1f0a00_0000_4000_8000_000000000002));
/// The password of every user who has one.
pub const PASSWORD: &str = "Summit-2042";

/// The API with a delegated and an application permission.
pub const EMPLOYEE_API: AppId = app(0x0a);
/// Its App ID URI.
pub const EMPLOYEE_API_URI: &str = "api://employees.alpine.test";
/// The API with a delegated permission only.
pub const TIMESHEET_API: AppId = app(0x12);
/// Its App ID URI.
pub const TIMESHEET_API_URI: &str = "api://timesheets.alpine.test";
/// A confidential client, the article's application.
pub const LEGACY_PORTAL: AppId = app(0x0b);
/// Its secret.
pub const LEGACY_PORTAL_SECRET: &str = "legacy-portal-secret";
/// A public client.
pub const LEGACY_TOOL: AppId = app(0x0c);
/// A confidential client that also acts for itself.
pub const NIGHTLY_JOB: AppId = app(0x0f);
/// Its secret.
pub const NIGHTLY_JOB_SECRET: &str = "nightly-job-secret";
/// A public client that lets in assigned users only.
pub const ASSIGNED_TOOL: AppId = app(0x10);

/// A confidential web application that signs in on the platform's page.
pub const MODERN_PORTAL: AppId = app(0x0d);
/// Its secret.
pub const MODERN_PORTAL_SECRET: &str = "modern-portal-secret";
/// Where its answers go.
pub const MODERN_PORTAL_REDIRECT: &str = "http://localhost:5003/signin-oidc";
/// A single-page application.
pub const BROWSER_APP: AppId = app(0x0e);
/// Where its answers go.
pub const BROWSER_APP_REDIRECT: &str = "http://localhost:5004/";
/// The second web application, which shares the sign-in of the first.
pub const SECOND_PORTAL: AppId = app(0x11);
/// Its secret.
pub const SECOND_PORTAL_SECRET: &str = "second-portal-secret";
/// Where its answers go.
pub const SECOND_PORTAL_REDIRECT: &str = "http://localhost:5005/signin-oidc";
/// The secret of everybody who has an authenticator app.
pub const TOTP_SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

const fn app(last: u128) -> AppId {
    AppId(Uuid::from_u128(0xe0a91000_0000_4000_8000_000000000000 + last))
}
