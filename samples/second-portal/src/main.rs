//! Runs the second portal; README.md lists the environment variables.

use std::io::IsTerminal;

use anyhow::Context;
use second_portal::Settings;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colour).init();

    let listen = std::env::var("SECOND_PORTAL_LISTEN").unwrap_or_else(|_| "localhost:5005".to_owned());
    let listener = TcpListener::bind(&listen)
        .await
        .with_context(|| format!("listening on {listen}; SECOND_PORTAL_LISTEN names another address"))?;
    let settings = Settings::from_env();
    tracing::info!(platform = settings.issuer_url, "listening on http://{listen}");
    second_portal::serve(listener, settings).await
}
