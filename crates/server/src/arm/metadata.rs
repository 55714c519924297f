//! `GET /metadata/endpoints`: what `az cloud register` and `Add-AzEnvironment -AutoDiscover` read. Ours names the
//! endpoints that are here; the members are those of
//! <https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-deployment#environment>.

use axum::response::Response;
use serde_json::{Value, json};

use super::answer;
use crate::http::exchange::Exchange;

/// Shows the cloud: an object, for versions before 2022-09-01 a list of one (read in azure-cli's and Az.Accounts' sources).
pub(crate) async fn show(exchange: Exchange) -> Response {
    let answer = answer::api_version(&exchange).map(|version| {
        let cloud = cloud(&exchange.origin);
        if version < "2022-09-01" { Value::from(vec![cloud]) } else { cloud }
    });
    answer::send(&exchange, answer.map_err(Into::into))
}

fn cloud(origin: &str) -> Value {
    json!({
        "name": "Ropeway",
        "authentication": {
            "loginEndpoint": origin,
            "audiences": ["https://management.core.windows.net/", "https://management.azure.com/"],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "resourceManager": format!("{origin}/"),
        // Called, so on our origin; the names of the other resources are only compared.
        "microsoftGraphResourceId": format!("{origin}/"),
        "graph": "https://graph.windows.net/",
        "graphAudience": "https://graph.windows.net/",
        "suffixes": {},
    })
}
