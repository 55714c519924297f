//! The token endpoint over TLS and kept-alive connections, one grant after the other.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::rsa::KeyPair;
use ropeway_core::token::SigningKeyMaterial;

use crate::client::{Call, Client};
use crate::limit::{self, Limit};
use crate::load::{self, Load};
use crate::profile::Profile;
use crate::server::Server;
use crate::tenant;
use crate::turns::{Entrant, Slice, in_turns, median};

/// One way to get a token, measured.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) load: Load,
    /// What the libraries underneath allow, measured in between.
    pub(crate) limit: Limit,
    pub(crate) slices: Vec<Slice>,
    pub(crate) profile: Option<Profile>,
}

impl Case {
    /// Answers per second as a part of the limit. The load was made on the same cores.
    pub(crate) fn ratio(&self) -> f64 {
        self.load.per_second() / self.limit.per_second
    }

    /// Answers per CPU second of the server as a part of the limit.
    pub(crate) fn server_ratio(&self) -> f64 {
        match self.slices.as_slice() {
            [] => self.load.per_server_cpu_second() / self.limit.per_cpu_second,
            slices => median(slices.iter().map(|slice| slice.signatures / slice.server)),
        }
    }

    /// CPU time of the server per answer, in microseconds.
    pub(crate) fn server_microseconds(&self) -> f64 {
        median(self.slices.iter().map(|slice| slice.server))
    }

    /// CPU time of the server per answer as a multiple of another's, with which this took turns.
    pub(crate) fn times(&self, other: &Self) -> f64 {
        median(self.slices.iter().zip(&other.slices).map(|(own, others)| own.server / others.server))
    }
}

/// Measures cases against one server.
pub(crate) struct Bench<'b> {
    pub(crate) server: &'b Server,
    pub(crate) client: &'b Client,
    pub(crate) key: &'b KeyPair,
    pub(crate) duration: Duration,
}

impl<'b> Bench<'b> {
    /// Warms up, measures, and, where wanted, looks once more where the time goes.
    ///
    /// # Errors
    /// An answer was not 200.
    pub(crate) async fn run(&self, name: &'static str, profiled: bool, grant: Grant) -> anyhow::Result<Case> {
        let entrant = self.entrant(grant);
        let mut cases = in_turns(name, self.key, std::slice::from_ref(&entrant), self.duration).await?;
        let mut case = cases.pop().ok_or_else(|| anyhow::anyhow!("{name} was not measured"))?;
        if let Some(recording) = profiled.then(|| Profile::begin(self.server.pid())).flatten() {
            entrant.load(PROFILED).await?;
            case.profile = Some(recording.end()?);
        }
        Ok(case)
    }

    /// This server, asked for this.
    pub(crate) fn entrant(&self, call: Grant) -> Entrant<'b> {
        Entrant { server: self.server, client: self.client, call }
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
        Ok(Case { name, load, limit, slices: Vec::new(), profile: None })
    }

    /// Every grant that needs no hash, for these first users.
    ///
    /// # Errors
    /// One of them cannot sign in.
    pub(crate) async fn grants(&self, users: usize, material: &SigningKeyMaterial) -> anyhow::Result<[Named; 4]> {
        let assertion = tenant::client_credentials_with_certificate(material, &self.server.ready.origin)?;
        let mut connection = self.client.connect().await?;
        let mut tokens = Vec::new();
        for user in 0..users {
            tokens.push(connection.send(&tenant::password_grant(user)).await?.member("refresh_token")?);
        }
        Ok([
            ("password", Arc::new(move |turn| tenant::password_grant(turn % users))),
            ("client credentials, secret", Arc::new(|_| tenant::client_credentials_with_secret())),
            ("client credentials, certificate", Arc::new(move |_| assertion.clone())),
            ("refresh token", Arc::new(move |turn: usize| tenant::refresh_grant(&tokens[turn % users]))),
        ])
    }
}

/// The n-th request.
pub(crate) type Grant = Arc<dyn Fn(usize) -> Call + Send + Sync>;
/// What it is called.
type Named = (&'static str, Grant);

const PROFILED: Duration = Duration::from_secs(2);
const CALIBRATION: Duration = Duration::from_secs(1);
