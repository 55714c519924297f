//! The matrix as text of at most 120 columns, and as JSON.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width};
use owo_colors::OwoColorize;
use serde_json::{Map, Value, json};

use super::flow::{Flow, Outcome};
use super::{Matrix, Row, TenantMatrix};

impl Matrix {
    /// For people.
    pub(crate) fn text(&self) -> String {
        let tenants: Vec<String> = self.tenants.iter().map(TenantMatrix::text).collect();
        // Only now: a cell's width must not count the colour.
        tenants.join("\n").replace(TICK, &TICK.green().to_string())
    }

    /// For programs.
    pub(crate) fn json(&self) -> Value {
        let tenants: Vec<Value> = self.tenants.iter().map(TenantMatrix::json).collect();
        json!({ "tenants": tenants })
    }
}

impl TenantMatrix {
    fn text(&self) -> String {
        let mut table = Table::new();
        table.load_style(style());
        let flows: Vec<Flow> = Flow::ALL.into_iter().filter(|flow| self.client(*flow).is_some()).collect();
        let heading = |flow: &Flow| match (flow, self.client(*flow)) {
            (Flow::Password, Some(client)) => format!("password, posted\n{}", client.display_name),
            (Flow::MsalPassword, Some(client)) => format!("as MSAL does it\n{}", client.display_name),
            (Flow::Page, _) => "platform's\npage".to_owned(),
            (Flow::SingleSignOn, _) => "2nd app\nsilent".to_owned(),
            (Flow::DeviceCode, _) => "device\ncode".to_owned(),
            (Flow::RefreshToken, _) => "refresh\ntoken".to_owned(),
            _ => "client,\nby itself".to_owned(),
        };
        table.set_header(std::iter::once(self.display_name.clone()).chain(flows.iter().map(heading)));
        for column in table.column_iter_mut() {
            column.set_padding((0, 1));
        }
        for row in &self.rows {
            let cells = flows.iter().map(|flow| shown(row, *flow));
            table.add_row(std::iter::once(label(row)).chain(cells));
        }
        // Cells are wrapped only where they must be: the arrangement breaks some although all would fit.
        if table.lines().any(|line| line.chars().count() > WIDTH.into()) {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
            // A name is looked for as it is typed, so it is not broken.
            if let Some(names) = table.column_mut(0) {
                names.set_constraint(ColumnConstraint::ContentWidth);
            }
            let msal = flows.iter().position(|flow| *flow == Flow::MsalPassword);
            if let Some(federated) = msal.and_then(|at| table.column_mut(at + 1)) {
                federated.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(FEDERATION_SERVICE_WIDTH)));
            }
        }
        let mut text = table.trim_fmt();
        text.push('\n');
        for remark in self.remarks() {
            text.push_str(&format!("{remark}\n"));
        }
        text
    }

    fn remarks(&self) -> Vec<String> {
        let posting = &self.cast.posting;
        let secret = if posting.secret.is_some() { " sends its secret and" } else { "" };
        let name = &posting.display_name;
        let mut remarks = vec![String::new(), format!("posted: {name}{secret} asks for {}", posting.scope)];
        if let Some(public) = &self.cast.public {
            let (name, scope) = (&public.display_name, &public.scope);
            remarks.push(format!("as MSAL does it: {name} asks where the user's domain signs in, then for {scope}"));
        }
        if let Some(client) = &self.cast.on_page {
            let name = &client.display_name;
            remarks.push(format!("platform's page: {name} sends a browser there, and the person does what it asks"));
        }
        if let Some(client) = &self.cast.second {
            let name = &client.display_name;
            remarks.push(format!("2nd app silent: {name} asks with prompt=none in the same browser afterwards"));
        }
        if let Some(client) = &self.cast.public {
            let name = &client.display_name;
            remarks.push(format!(
                "device code: {name} shows a code, and the person types it in the same browser afterwards"
            ));
        }
        remarks.push(format!("refresh token: {name} asks for offline_access too, and redeems what it gets"));
        let federated = |row: &Row| matches!(row.cell(Flow::MsalPassword), Some(Outcome::FederationService { .. }));
        if self.rows.iter().any(federated) {
            remarks.push(
                "federation service: MSAL turns to that of the user's domain, which nobody plays here yet".to_owned(),
            );
        }
        for row in &self.rows {
            if let Some(through) = &row.through {
                remarks.push(format!("{} is tried through {through}", row.who));
            }
        }
        for not_run in self.not_run() {
            remarks.push(format!("not run: {}: {}", not_run.who, not_run.why));
        }
        remarks
    }

    fn json(&self) -> Value {
        let columns = Flow::ALL.into_iter().filter_map(|flow| {
            let client = self.client(flow)?;
            Some(json!({
                "flow": flow.name(),
                "client": client.display_name,
                "clientId": client.app_id,
                "confidential": client.secret.is_some(),
                "scope": client.scope,
            }))
        });
        let not_run = self.not_run().iter().map(|not_run| json!({ "user": not_run.who, "reason": not_run.why }));
        json!({
            "tenantId": self.tenant_id,
            "displayName": self.display_name,
            "columns": columns.collect::<Vec<_>>(),
            "rows": self.rows.iter().map(row_as_json).collect::<Vec<_>>(),
            "notRun": not_run.collect::<Vec<_>>(),
        })
    }
}

fn label(row: &Row) -> String {
    match row.note {
        // The same name stands above; a longer cell would not leave room for the others.
        Some("wrong password") => "wrong password".to_owned(),
        Some("application") => format!("{} (application)", row.who),
        _ => row.who.clone(),
    }
}

/// The words for a refusal stand in the first column that has it.
fn shown(row: &Row, flow: Flow) -> String {
    match (row.cell(flow), row.cell(Flow::Password)) {
        (None, _) => String::new(),
        (Some(Outcome::Refused { code, .. }), Some(Outcome::Refused { code: posted, .. }))
            if flow != Flow::Password && code == posted =>
        {
            code.to_string()
        }
        (Some(Outcome::Refused { code, .. }), _) if matches!(flow, Flow::SingleSignOn | Flow::DeviceCode) => {
            code.to_string()
        }
        (Some(outcome), _) => cell(outcome),
    }
}

fn cell(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Tokens | Outcome::OnPage { did: "" } => TICK.to_owned(),
        Outcome::OnPage { did } => format!("{TICK} {did}"),
        Outcome::AtPartner => "elsewhere".to_owned(),
        Outcome::Refused { code, remedy } => format!("{code} {remedy}"),
        // As MSAL for Python tells it.
        Outcome::FederationService { status } => format!("federation service:\nHTTPError {status}"),
    }
}

fn row_as_json(row: &Row) -> Value {
    let cells: Map<String, Value> = Flow::ALL
        .into_iter()
        .map(|flow| (flow.name().to_owned(), row.cell(flow).map_or(Value::Null, cell_as_json)))
        .collect();
    json!({ "user": row.who, "note": row.note, "through": row.through, "cells": cells })
}

fn cell_as_json(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Tokens | Outcome::OnPage { did: "" } => json!({ "result": "tokens" }),
        Outcome::OnPage { did } => json!({ "result": "tokens", "did": did }),
        Outcome::AtPartner => json!({ "result": "atPartner" }),
        Outcome::Refused { code, remedy } => json!({ "result": "refused", "code": code, "remedy": remedy }),
        Outcome::FederationService { status } => json!({ "result": "federationService", "status": status }),
    }
}

fn style() -> comfy_table::TableStyle {
    use comfy_table::presets::NOTHING;
    NOTHING.header_separator(comfy_table::LineStyle::none().fill('─').junction('─'))
}

const TICK: &str = "✓";
const WIDTH: u16 = 120;
/// `federation service:` and the padding.
const FEDERATION_SERVICE_WIDTH: u16 = 20;
