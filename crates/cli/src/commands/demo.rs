//! `ropeway demo`.

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;
use owo_colors::OwoColorize;
use ropeway_server::serving::listen::ListenAddress;

use super::serve;
use crate::demo::portals::Portals;
use crate::demo::stage::Stage;
use crate::demo::story::Story;
use crate::failure::Failure;
use crate::{demo, environment, output, tenant_files};

/// The main job, told and really done.
#[derive(Debug, Args)]
#[command(
    after_help = "Serves the sample tenant and the sample APIs and tells the main job on stdout. On a terminal it stays up \
    afterwards, until ctrl-c, with the sample portals to click on.\nExit code 1 when a step went otherwise than the sample's table says."
)]
pub(crate) struct Demo {
    /// End after the story
    #[arg(long, conflicts_with = "stay")]
    once: bool,
    /// Stay up after the story, also without a terminal
    #[arg(long)]
    stay: bool,
    /// An address and port for the identity server; may be repeated [default: as `serve`]
    #[arg(long, value_name = "ADDR")]
    listen: Vec<ListenAddress>,
    /// The address and port of the sample APIs
    #[arg(long, value_name = "ADDR", default_value = "localhost:5001")]
    api_listen: ListenAddress,
    /// Free ports for the portals, instead of 5002 to 5005
    #[arg(long)]
    free_ports: bool,
}

impl Demo {
    /// Tells the story.
    pub(crate) async fn run(self) -> Result<ExitCode, Failure> {
        let stop = serve::stop_signal()?;
        let directory = tenant_files::sample()?;
        let tenant = directory.tenants.first().ok_or_else(|| anyhow!("the built-in sample has no tenant"))?.tenant.id;
        let stays = self.stay || (!self.once && std::io::stdout().is_terminal());
        let portals = if stays { Some(Portals::bind(self.free_ports).await?) } else { None };
        let stage = Stage::build(directory.clone(), tenant, &self.listen, &self.api_listen, portals).await?;
        let mut story = Story::default();
        let play = async {
            demo::play(&stage, &directory, &mut story).await?;
            match stays {
                true => output::print(&invitation(&stage)).map(|()| true),
                false => Ok(false),
            }
        };
        tokio::pin!(stop);
        // Ctrl-c ends it in the middle of the story, too.
        let played = tokio::select! {
            played = play => played,
            () = &mut stop => Ok(false),
        };
        if played? {
            stop.await;
        }
        stage.leave().await;
        Ok(story.exit_code())
    }
}

/// What to try while the servers are up.
fn invitation(stage: &Stage) -> String {
    let (ca, api, ropeway) = (stage.ca_file.display(), &stage.api, environment::own_name());
    let mut text = String::new();
    if let Some(portals) = &stage.portals {
        text.push_str(&format!("\n{}\n", "It stays up. Open in a browser, in this order:".bold()));
        for (url, what) in [
            (
                &portals.legacy,
                "legacy portal: asks for the password itself; try mfa@alpine.test, then cloud@alpine.test",
            ),
            (&portals.second, "second portal: must ask, for the platform knows nothing of that sign-in"),
            (&portals.modern, "modern portal: the platform's own page asks; all users above, and what it asks of them"),
            (&portals.second, "second portal again: asks nothing now"),
            (&portals.browser_app, "browser app: the same without a server, by MSAL Browser"),
        ] {
            text.push_str(&format!("  {}   {what}\n", url.cyan()));
        }
        text.push_str("The password is Summit-2042 for all, the secret of every authenticator app\n");
        text.push_str("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP. The browser warns until it trusts the local CA: ");
        text.push_str(&format!("{}\n", format!("{ropeway} trust").cyan()));
    }
    text.push_str(&format!("\n{}\n", "In another terminal:".bold()));
    for command in [
        format!("curl -H \"Authorization: Bearer $({ropeway} token --user cloud@alpine.test)\" {api}/api/employees"),
        format!("{ropeway} token --user cloud@alpine.test --decode"),
        format!("{ropeway} token --user mfa@alpine.test"),
        format!("{ropeway} explain 50076"),
        format!("curl --cacert {ca} {}/alpine.test/v2.0/.well-known/openid-configuration", stage.origin),
        format!("eval \"$({ropeway} env)\"    # leads Microsoft's libraries here"),
    ] {
        text.push_str(&format!("  {}\n", command.cyan()));
    }
    text.push_str("ctrl-c stops\n");
    text
}
