//! Runs the browser app; README.md lists the environment variables.

use std::io::IsTerminal;

use anyhow::Context;
use browser_app::Settings;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colour).init();

    let listen = std::env::var("BROWSER_APP_LISTEN").unwrap_or_else(|_| "localhost:5004".to_owned());
    let listener = TcpListener::bind(&listen)
        .await
        .with_context(|| format!("listening on {listen}; BROWSER_APP_LISTEN names another address"))?;
    let settings = Settings::from_env();
    tracing::info!(platform = settings.authority, "listening on http://{listen}");
    browser_app::serve(listener, settings).await
}
