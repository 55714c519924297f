//! The token endpoint over TLS and kept-alive connections, one grant after the other.

use std::time::Duration;

use aws_lc_rs::rsa::KeyPair;

use crate::client::{Client, Post};
use crate::limit::{self, Limit};
use crate::load::{self, Load};
use crate::profile::Profile;
use crate::server::Server;
use crate::tenant;

/// One way to get a token, measured.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) load: Load,
    /// What the libraries underneath allow, measured just before and just after.
    pub(crate) limit: Limit,
    pub(crate) profile: Option<Profile>,
}

impl Case {
    /// Answers per second as a part of the limit. The load was made on the same cores.
    pub(crate) fn ratio(&self) -> f64 {
        self.load.per_second() / self.limit.per_second
    }

    /// Answers per CPU second of the server as a part of the limit.
    pub(crate) fn server_ratio(&self) -> f64 {
        self.load.per_server_cpu_second() / self.limit.per_cpu_second
    }

    /// CPU time of the server per answer, in microseconds.
    pub(crate) fn server_microseconds(&self) -> f64 {
        1e6 / self.load.per_server_cpu_second()
    }
}

/// Measures cases against one server.
pub(crate) struct Bench<'b> {
    pub(crate) server: &'b Server,
    pub(crate) client: &'b Client,
    pub(crate) key: &'b KeyPair,
    pub(crate) duration: Duration,
}

impl Bench<'_> {
    /// Warms up, measures, and, where wanted, looks once more where the time goes.
    ///
    /// # Errors
    /// An answer was not 200.
    pub(crate) async fn run(
        &self,
        name: &'static str,
        profiled: bool,
        post: impl Fn(usize) -> Post + Clone + Send + Sync + 'static,
    ) -> anyhow::Result<Case> {
        eprintln!("  {name}");
        let pid = self.server.pid();
        // No two connections ask for one user at the same time, and every user has the turn.
        let next = move |connection: usize, turn: usize| Some(post(turn * load::connections() + connection));
        load::run(self.client, pid, WARM_UP, 200, next.clone()).await?;
        let before = limit::signatures(self.key, CALIBRATION)?;
        let load = load::run(self.client, pid, self.duration, 200, next.clone()).await?;
        let after = limit::signatures(self.key, CALIBRATION)?;
        let limit = Limit::between(before, after).in_one(load.signatures);
        let profile = match profiled.then(|| Profile::begin(pid)).flatten() {
            Some(recording) => {
                load::run(self.client, pid, WARM_UP * 2, 200, next).await?;
                Some(recording.end()?)
            }
            None => None,
        };
        Ok(Case { name, load, limit, profile })
    }

    /// The first sign-in of each of these users: their passwords are hashed.
    ///
    /// # Errors
    /// An answer was not 200.
    pub(crate) async fn first_sign_ins(&self, users: std::ops::Range<usize>, hashing: Limit) -> anyhow::Result<Case> {
        let name = "password, first time";
        eprintln!("  {name}");
        let before = limit::signatures(self.key, CALIBRATION)?;
        let next = move |connection: usize, turn: usize| {
            let user = users.start + turn * load::connections() + connection;
            (user < users.end).then(|| tenant::password_grant(user))
        };
        let load = load::run(self.client, self.server.pid(), Duration::MAX, 200, next).await?;
        let limit = before.in_one(load.signatures).and(hashing);
        Ok(Case { name, load, limit, profile: None })
    }

    /// A refresh token of each of the first users.
    ///
    /// # Errors
    /// One of them cannot sign in.
    pub(crate) async fn refresh_tokens(&self, users: usize) -> anyhow::Result<Vec<String>> {
        let mut connection = self.client.connect().await?;
        let mut tokens = Vec::new();
        for user in 0..users {
            tokens.push(connection.send(&tenant::password_grant(user)).await?.member("refresh_token")?);
        }
        Ok(tokens)
    }
}

const WARM_UP: Duration = Duration::from_secs(1);
const CALIBRATION: Duration = Duration::from_secs(1);
