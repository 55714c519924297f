//! `/subscriptions` (<https://learn.microsoft.com/rest/api/resources/subscriptions>): every tenant has one, with nothing
//! in it. Reads are answered; a write by somebody who showed no second factor is challenged for one, as
//! <https://learn.microsoft.com/entra/identity/authentication/concept-mandatory-multifactor-authentication> says.

use axum::extract::{Path, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Method, StatusCode};
use ropeway_core::directory::Tenant;
use ropeway_core::ids::{derived_id, parse_guid};
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::{self, ArmError, NoAnswer};
use super::caller::caller;
use crate::app::App;
use crate::bearer::Bearer;
use crate::http::exchange::Exchange;

/// Lists the subscription of the token's tenant.
pub(crate) async fn list(State(app): State<App>, exchange: Exchange) -> Response {
    let answer = answer::api_version(&exchange).map_err(Into::into).and_then(|_| caller(&app, &exchange));
    let answer = answer.map(|caller| {
        let value = [describe(&caller.tenant)];
        json!({ "value": value, "count": { "type": "Total", "value": value.len() } })
    });
    answer::send(&exchange, answer)
}

/// Shows one subscription.
pub(crate) async fn subscription(
    State(app): State<App>,
    method: Method,
    Path(subscription): Path<String>,
    exchange: Exchange,
) -> Response {
    answer::send(&exchange, look_or_write(&app, &exchange, &method, &subscription, ""))
}

/// Shows what is in a subscription: nothing.
pub(crate) async fn below(
    State(app): State<App>,
    method: Method,
    Path((subscription, below)): Path<(String, String)>,
    exchange: Exchange,
) -> Response {
    answer::send(&exchange, look_or_write(&app, &exchange, &method, &subscription, &below))
}

fn look_or_write(
    app: &App,
    exchange: &Exchange,
    method: &Method,
    subscription: &str,
    below: &str,
) -> Result<Value, NoAnswer> {
    answer::api_version(exchange)?;
    let caller = caller(app, exchange)?;
    belongs_to(app, exchange, &caller, subscription)?;
    let path: Vec<&str> = below.split('/').filter(|segment| !segment.is_empty()).collect();
    match *method {
        Method::GET | Method::HEAD => look(&caller.tenant, &path).map_err(Into::into),
        _ if caller.user().is_some() && !caller.values("amr").any(|method| method == "mfa") => {
            Err(second_factor_wanted(exchange, path.last().unwrap_or(&subscription)).into())
        }
        _ => Err(not_authorized(&caller, method, subscription, &path).into()),
    }
}

/// Whether the subscription is of the token's tenant.
fn belongs_to(app: &App, exchange: &Exchange, caller: &Bearer, subscription: &str) -> Result<(), NoAnswer> {
    let wanted = parse_guid(subscription);
    if wanted == Ok(id_of(&caller.tenant)) {
        return Ok(());
    }
    let snapshot = app.snapshot()?;
    let owner = snapshot.tenants().find(|tenant| wanted == Ok(id_of(tenant)));
    let Some(owner) = owner else {
        let message = format!("The subscription '{subscription}' could not be found.");
        return Err(ArmError::new(StatusCode::NOT_FOUND, "SubscriptionNotFound", message).into());
    };
    let [wrong, right] = [caller.tenant.id, owner.id].map(|tenant| app.issuer(&exchange.origin).v1(tenant));
    let message = format!(
        "The access token is from the wrong issuer '{wrong}'. It must match the tenant '{right}' associated with this \
         subscription. Please use the authority (URL) '{}/{}' to get the token.",
        exchange.origin, owner.id
    );
    let challenge = format!(
        r#"Bearer authorization_uri="{}/{}", error="invalid_token", error_description="{message}""#,
        exchange.origin, owner.id
    );
    let error = ArmError::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationTokenTenant", message);
    Err(error.challenged(&challenge).into())
}

fn look(tenant: &Tenant, path: &[&str]) -> Result<Value, ArmError> {
    match path {
        [] => Ok(describe(tenant)),
        [group] if group.eq_ignore_ascii_case("resourceGroups") => Ok(json!({ "value": [] })),
        [resources] if resources.eq_ignore_ascii_case("resources") => Ok(json!({ "value": [] })),
        [groups, group, ..] if groups.eq_ignore_ascii_case("resourceGroups") => Err(ArmError::new(
            StatusCode::NOT_FOUND,
            "ResourceGroupNotFound",
            format!("Resource group '{group}' could not be found."),
        )),
        _ => Err(ArmError::new(
            StatusCode::NOT_FOUND,
            "NotFound",
            "Ropeway has no resources; of Azure Resource Manager it serves what `az login` asks for.",
        )),
    }
}

/// The challenge that Azure's policy of 2025 answers to who did not show a second factor: the claims are captured, the
/// code is inferred from the message.
fn second_factor_wanted(exchange: &Exchange, resource: &str) -> ArmError {
    let claims = STANDARD.encode(r#"{"access_token":{"acrs":{"essential":true,"values":["p1"]}}}"#);
    let challenge = format!(
        r#"Bearer realm="", authorization_uri="{}/common/oauth2/authorize", error="insufficient_claims", claims="{claims}""#,
        exchange.origin
    );
    let message = format!(
        "Resource '{resource}' was disallowed by Azure: You are receiving this error because you tried to create, update \
         or delete Azure resources without authenticating through MFA. User accounts must be authenticated through MFA to \
         manage your resources. To resolve this error, go to https://aka.ms/MFAforAzure."
    );
    ArmError::new(StatusCode::UNAUTHORIZED, "RequestDisallowedByAzure", message).about(resource).challenged(&challenge)
}

/// Everybody is a reader: what nobody may do in the first place is not done with a second factor either.
fn not_authorized(caller: &Bearer, method: &Method, subscription: &str, path: &[&str]) -> ArmError {
    let client = if caller.user().is_some() { caller.text("unique_name") } else { caller.text("appid") };
    let scope = [&["/subscriptions", subscription], path].concat().join("/");
    let message = format!(
        "The client '{client}' with object id '{}' does not have authorization to perform action '{}' over scope \
         '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.",
        caller.text("oid"),
        action(method, path)
    );
    ArmError::new(StatusCode::FORBIDDEN, "AuthorizationFailed", message)
}

/// The operation's name in role definitions: provider, types, verb
/// (<https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations>).
fn action(method: &Method, path: &[&str]) -> String {
    let provider = path.iter().rposition(|segment| segment.eq_ignore_ascii_case("providers"));
    let (namespace, rest) = match provider.and_then(|at| path.get(at + 1).map(|name| (*name, &path[at + 2..]))) {
        Some(found) => found,
        None => ("Microsoft.Resources/subscriptions", path),
    };
    let types = rest.iter().step_by(2).map(|kind| format!("/{kind}")).collect::<String>();
    let verb = match *method {
        Method::DELETE => "delete",
        Method::POST => "action",
        _ => "write",
    };
    format!("{namespace}{types}/{verb}")
}

fn describe(tenant: &Tenant) -> Value {
    let id = id_of(tenant);
    json!({
        "id": format!("/subscriptions/{id}"),
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": id,
        "tenantId": tenant.id,
        "displayName": NAME,
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "Internal_2014-09-01",
            "spendingLimit": "Off",
        },
    })
}

fn id_of(tenant: &Tenant) -> Uuid {
    derived_id(tenant.id, "subscription", NAME)
}

const NAME: &str = "Ropeway test";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_named_by_provider_types_and_verb() {
        let cases = [
            (Method::PUT, "resourcegroups/test", "Microsoft.Resources/subscriptions/resourcegroups/write"),
            (Method::DELETE, "", "Microsoft.Resources/subscriptions/delete"),
            (
                Method::PATCH,
                "resourceGroups/g/providers/Microsoft.KeyVault/vaults/v",
                "Microsoft.KeyVault/vaults/write",
            ),
            (Method::POST, "providers/Microsoft.Web/sites/s/restart", "Microsoft.Web/sites/restart/action"),
            (Method::PUT, "providers", "Microsoft.Resources/subscriptions/providers/write"),
        ];
        for (method, path, expected) in cases {
            let path: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
            assert_eq!(action(&method, &path), expected);
        }
    }
}
