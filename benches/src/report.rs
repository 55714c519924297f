//! What was measured, as `docs/performance.md` says it.

use std::fmt::Write as _;

use crate::copies::Copies;
use crate::database::DatabaseTime;
use crate::limit::Limit;
use crate::load;
use crate::process::Memory;
use crate::start::Starts;
use crate::token_endpoint::Case;

/// All figures of one run.
pub(crate) struct Report {
    pub(crate) machine: String,
    pub(crate) signatures: Limit,
    pub(crate) hashes: Limit,
    /// In memory.
    pub(crate) cases: Vec<Case>,
    /// Answers without a token.
    pub(crate) floor: Case,
    pub(crate) million: Million,
    pub(crate) starts: Vec<(&'static str, Starts)>,
    pub(crate) idle: Memory,
    pub(crate) loaded: Memory,
    pub(crate) copies: Copies,
    pub(crate) took: f64,
}

/// A few users against many, both in a data directory.
pub(crate) struct Million {
    pub(crate) few_users: usize,
    pub(crate) many_users: usize,
    /// Database size in MiB.
    pub(crate) size: f64,
    pub(crate) written_in: f64,
    /// Milliseconds until a server over it is ready.
    pub(crate) ready: f64,
    pub(crate) memory: Memory,
    pub(crate) few: (DatabaseTime, Case),
    pub(crate) many: (DatabaseTime, Case),
}

/// Something that the product promises.
struct Goal {
    what: String,
    wanted: String,
    measured: String,
    met: bool,
}

impl Report {
    /// Whether every goal is met.
    pub(crate) fn all_met(&self) -> bool {
        self.goals().iter().all(|goal| goal.met)
    }

    /// The document.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::from(
            "# Performance\n\nWritten by `cargo xtask bench`; run it to have these figures of another machine.\n\n",
        );
        text.push_str(&self.machine);
        let _ = writeln!(text, "- The run took {:.0} s", self.took);
        text.push_str("\n## Goals\n\n| | wanted | measured | |\n| --- | --- | --- | --- |\n");
        for goal in self.goals() {
            let met = if goal.met { "met" } else { "**missed**" };
            let _ = writeln!(text, "| {} | {} | {} | {met} |", goal.what, goal.wanted, goal.measured);
        }
        self.limits(&mut text);
        self.token_endpoint(&mut text);
        self.profiles(&mut text);
        self.users(&mut text);
        self.process(&mut text);
        text.push_str(METHOD);
        text
    }

    fn goals(&self) -> Vec<Goal> {
        let mut goals = Vec::new();
        for case in self.cases.iter().filter(|case| !case.name.contains("first time")) {
            goals.push(at_least(case));
        }
        let Million { few_users, many_users, few: (_, few), many: (_, many), .. } = &self.million;
        let times = many.times(few);
        goals.push(Goal {
            what: format!("{}: CPU time with {many_users} users against {few_users}", few.name),
            wanted: "at most 1.10 x".into(),
            measured: format!("{times:.2} x"),
            met: times <= FLAT,
        });
        let database = self.million.many.0.total();
        goals.push(Goal {
            what: format!("database time of a sign-in with {many_users} users"),
            wanted: format!("at most {DATABASE_MICROSECONDS:.0} µs"),
            measured: format!("{database:.0} µs"),
            met: database <= DATABASE_MICROSECONDS,
        });
        if let Some((_, warm)) = self.starts.first() {
            goals.push(below("spawn to first token", warm.token, FIRST_TOKEN_MILLISECONDS, "ms"));
        }
        goals.push(below("memory when idle", self.idle.resident, IDLE_MIB, "MiB"));
        goals.push(below("copy of a tenant", self.copies.median, COPY_MILLISECONDS, "ms"));
        goals
    }

    fn limits(&self, text: &mut String) {
        let Limit { per_second, per_cpu_second } = self.signatures;
        let _ = write!(
            text,
            "\n## The limits\n\nOne token is one RSA-2048 signature, and no server can be faster than its signatures. The \
             crypto library alone makes **{per_second:.0} a second** on all cores ({per_cpu_second:.0} per CPU second of a \
             core) and {:.0} Argon2id hashes a second ({:.1} per CPU second).\n",
            self.hashes.per_second, self.hashes.per_cpu_second
        );
    }

    fn token_endpoint(&self, text: &mut String) {
        let _ = write!(
            text,
            "\n## The token endpoint\n\nOver TLS on loopback with {} kept-alive connections that always have a request \
             under way; the directory in memory, {} users. The latencies are those of a full server: they are mostly the \
             wait for the other connections' signatures.\n\n",
            load::connections(),
            self.million.few_users,
        );
        cases(text, &self.cases);
        let (floor, signature) = (self.floor.server_microseconds(), 1e6 / self.floor.limit.per_cpu_second);
        let _ = write!(
            text,
            "\nAn answer without any token (`/_ropeway/health/live`) takes {floor:.0} µs of the server's CPU time: network, TLS \
             and HTTP by themselves. A signature takes {signature:.0} µs, so {OF_LIMIT:.2} of its limit leaves {:.0} µs for all \
             else that one token takes, and {:.0} µs where two are signed.\n",
            signature * (1.0 / OF_LIMIT - 1.0),
            signature * (2.0 / OF_LIMIT - 2.0),
        );
    }

    fn profiles(&self, text: &mut String) {
        text.push_str("\n## Where the time goes\n\nThe server's CPU time as `perf` samples it.\n\n");
        let profiled: Vec<_> = self.cases.iter().filter_map(|case| Some((case.name, case.profile.as_ref()?))).collect();
        if profiled.is_empty() {
            text.push_str("Not known: there is no `perf` on this machine.\n");
            return;
        }
        let mut parts: Vec<&str> = Vec::new();
        for (_, profile) in &profiled {
            for (part, _) in &profile.0 {
                if !parts.contains(part) {
                    parts.push(part);
                }
            }
        }
        let names: Vec<_> = profiled.iter().map(|(name, _)| *name).collect();
        let _ = writeln!(text, "| | {} |\n| --- |{}", names.join(" | "), " ---: |".repeat(names.len()));
        for part in parts {
            let share = |profile: &crate::profile::Profile| {
                let share = profile.0.iter().find(|(known, _)| *known == part).map_or(0.0, |(_, share)| *share);
                format!("{:.1} %", share * 100.0)
            };
            let shares: Vec<_> = profiled.iter().map(|(_, profile)| share(profile)).collect();
            let _ = writeln!(text, "| {part} | {} |", shares.join(" | "));
        }
    }

    fn users(&self, text: &mut String) {
        let Million { few_users, many_users, size, written_in, ready, memory, few, many } = &self.million;
        let _ = write!(
            text,
            "\n## A million users\n\n{many_users} users, each with consents of its own and all in one group, in a data \
             directory ({size:.0} MiB, written in {written_in:.0} s); a server over it is ready after {ready:.0} ms and has \
             {:.0} MiB in memory after the load. Every sign-in is another user's, far from the last one's.\n\n\
             | of one sign-in | {few_users} users | {many_users} users | |\n| --- | ---: | ---: | ---: |\n",
            memory.resident
        );
        let rows: [(&str, Figure); 4] = [
            ("reads, CPU µs", |time| time.read),
            ("reads, 99th percentile of the wall clock, µs", |time| time.read_p99),
            ("write in a shared commit, CPU µs", |time| time.write),
            ("database time in all, CPU µs", |time| time.total()),
        ];
        for (name, of) in rows {
            let (few, many) = (of(&few.0), of(&many.0));
            let _ = writeln!(text, "| {name} | {few:.1} | {many:.1} | {:.2} x |", many / few);
        }
        let _ = write!(text, "\nThe token endpoint with {few_users} users, kept in a data directory:\n\n");
        cases(text, std::slice::from_ref(&few.1));
        let _ = write!(text, "\nand with {many_users}:\n\n");
        cases(text, std::slice::from_ref(&many.1));
    }

    fn process(&self, text: &mut String) {
        text.push_str(
            "\n## Start\n\nThe sample, from spawning the process to the last byte of the first token, TLS handshake \
             included; medians.\n\n| | ready | first token | slowest |\n| --- | ---: | ---: | ---: |\n",
        );
        for (name, starts) in &self.starts {
            let Starts { ready, token, slowest } = starts;
            let _ = writeln!(text, "| {name} | {ready:.0} ms | {token:.0} ms | {slowest:.0} ms |");
        }
        let (idle, loaded, copies) = (self.idle, self.loaded, self.copies);
        let _ = write!(
            text,
            "\n## Memory\n\n| | resident | at most until then |\n| --- | ---: | ---: |\n\
             | the sample, idle | {:.1} MiB | {:.1} MiB |\n| after the load above | {:.1} MiB | {:.1} MiB |\n\n\
             ## Copies of a tenant\n\n{} copies of the sample's Alpine over one kept-alive connection: {:.1} ms each in the \
             median, {:.1} ms at the 99th percentile.\n",
            idle.resident, idle.peak, loaded.resident, loaded.peak, copies.count, copies.median, copies.p99
        );
    }
}

/// Two binaries that took turns.
pub(crate) fn comparison(compared: &[Vec<Case>]) -> String {
    let mut text = String::from(
        "| CPU µs of an answer | first | of limit | second | of limit | second against first |\n\
         | --- | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for cases in compared {
        let [first, second] = cases.as_slice() else { continue };
        let _ = writeln!(
            text,
            "| {} | {:.0} | {:.2} | {:.0} | {:.2} | {:.3} x |",
            first.name,
            first.server_microseconds(),
            first.server_ratio(),
            second.server_microseconds(),
            second.server_ratio(),
            second.times(first),
        );
    }
    text
}

fn cases(text: &mut String, cases: &[Case]) {
    text.push_str(
        "| | answers/s | p50 | p99 | p99.9 | server | load | limit/s | of limit | per server CPU s, of limit |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for case in cases {
        let Case { name, load, limit, .. } = case;
        let _ = writeln!(
            text,
            "| {name} | {:.0} | {:.1} ms | {:.1} ms | {:.1} ms | {:.0} % | {:.0} % | {:.0} | {:.2} | {:.2} |",
            load.per_second(),
            load.latency(0.5),
            load.latency(0.99),
            load.latency(0.999),
            load.server_share() * 100.0,
            load.own_share() * 100.0,
            limit.per_second,
            case.ratio(),
            case.server_ratio(),
        );
    }
}

/// A grant reaches its part of the limit when the server's own CPU time does: what makes the load has the same cores.
fn at_least(case: &Case) -> Goal {
    Goal {
        what: format!("{}: answers of what the signatures allow", case.name),
        wanted: format!("at least {OF_LIMIT:.2}"),
        measured: format!(
            "{:.2} per CPU second of the server, {:.2} with the load on the same cores",
            case.server_ratio(),
            case.ratio()
        ),
        met: case.server_ratio() >= OF_LIMIT,
    }
}

fn below(what: &str, measured: f64, limit: f64, unit: &str) -> Goal {
    Goal {
        what: what.into(),
        wanted: format!("below {limit:.0} {unit}"),
        measured: format!("{measured:.1} {unit}"),
        met: measured < limit,
    }
}

const OF_LIMIT: f64 = 0.90;
const FLAT: f64 = 1.10;
const DATABASE_MICROSECONDS: f64 = 60.0;
const FIRST_TOKEN_MILLISECONDS: f64 = 50.0;
const IDLE_MIB: f64 = 25.0;
const COPY_MILLISECONDS: f64 = 10.0;

const METHOD: &str = "
## How it is measured

- The server is the binary that `cargo build --release` makes, a process of its own; what makes the load is one thread of
  another, over TLS 1.3 and HTTP/1.1, on the same machine. `server` and `load` are their shares of all cores.
- What is compared takes turns, half a second each, bare signing with every turn: a shared machine yields more in one second
  than in the next. `of limit` divides what the wall clock saw. The last column divides what a CPU second of the server and a
  CPU second of bare signing yield, so it leaves out what makes the load, and what other people's work takes; it is the
  median of the turns, as are the million users' CPU time against the few users'.
- `password` gives an access, an id and a refresh token, two signatures; the password was verified before, so it is not
  hashed again. `password, first time` hashes it: its limit is one hash and two signatures. `refresh token` gives two
  signatures, too; client credentials one. The certificate's assertion is sent again and again until it expires.
- Database time is measured in one process without network: what a password sign-in reads, one after the other, and the
  row of the sign-in log that it writes, as many at once as there are connections. Both are CPU time.
";

/// One figure of a database's times.
type Figure = fn(&DatabaseTime) -> f64;
