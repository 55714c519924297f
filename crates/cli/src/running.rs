//! Finding the running server through its runtime file.

use anyhow::anyhow;
use ropeway_server::serving::origin::Origin;
use ropeway_server::serving::ready::Ready;
use ropeway_server::serving::{home, ready};

use crate::environment;
use crate::failure::Failure;

/// The running server with this origin, or the only one.
pub(crate) fn find(origin: Option<&Origin>) -> Result<Ready, Failure> {
    choose(ready::running(&home::runtime_dir(&environment::variable_os)), origin)
}

fn choose(servers: Vec<Ready>, origin: Option<&Origin>) -> Result<Ready, Failure> {
    let origins: Vec<String> = servers.iter().map(|server| server.origin.clone()).collect();
    let mut fitting: Vec<Ready> =
        servers.into_iter().filter(|server| origin.is_none_or(|origin| origin.as_str() == server.origin)).collect();
    match (fitting.pop(), fitting.is_empty(), origin) {
        (Some(server), true, _) => Ok(server),
        (Some(_), false, _) => {
            Err(Failure::bad_input(anyhow!("{} servers are running: {}", origins.len(), origins.join(", ")))
                .hint("choose one with `--origin URL`"))
        }
        (None, _, Some(origin)) if !origins.is_empty() => Err(Failure::refusal(anyhow!(
            "no server of yours runs at {}; running: {}",
            origin.as_str(),
            origins.join(", ")
        ))
        .hint("leave `--origin` out, or name a running one")),
        (None, _, Some(origin)) => Err(Failure::refusal(anyhow!("no server of yours runs at {}", origin.as_str()))
            .hint("start one with `ropeway serve`")),
        (None, _, None) => {
            Err(Failure::refusal(anyhow!("no server of yours is running")).hint("start one with `ropeway serve`"))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use ropeway_core::secret::Secret;

    use super::*;

    fn server(origin: &str) -> Ready {
        Ready {
            origin: origin.to_owned(),
            listen: Vec::new(),
            tenants: Vec::new(),
            ca_file: "ca.pem".into(),
            ca_bundle_file: "bundle.pem".into(),
            control_key: Secret::new("key"),
            pid: 1,
        }
    }

    #[test]
    fn the_only_server_is_found_and_several_must_be_told_apart() {
        let (one, two) = ("https://localhost:8443", "https://127.0.0.2");
        let by = |origin: &str| Some(origin.parse::<Origin>().unwrap());
        let found = |servers: &[&str], origin: Option<Origin>| {
            choose(servers.iter().map(|origin| server(origin)).collect(), origin.as_ref())
                .map(|server| server.origin)
                .ok()
        };
        assert_eq!(found(&[one], None).as_deref(), Some(one));
        assert_eq!(found(&[one, two], None), None);
        assert_eq!(found(&[one, two], by(two)).as_deref(), Some(two));
        assert_eq!(found(&[one], by(two)), None);
        assert_eq!(found(&[], None), None);
        assert_eq!(found(&[], by(one)), None);
    }
}
