use anyhow::Context;

use crate::command::{cargo, command, exit_code, run, works};
use crate::report::Outcome;
use crate::tools::{self, Missing};
use crate::workbench::Workbench;

/// One line of the table at the end of `cargo xtask test`.
pub(crate) struct Suite {
    pub(crate) name: &'static str,
    /// What it looks at, for the person who watches.
    pub(crate) purpose: &'static str,
    /// Whether it is part of `--quick`.
    pub(crate) quick: bool,
    /// Whether it uses what the suite `build` makes.
    pub(crate) needs_build: bool,
    pub(crate) run: fn(&Workbench) -> anyhow::Result<Outcome>,
}

/// All suites in the order in which they run: what is cheap and finds most comes first.
const SUITES: &[Suite] = &[
    Suite { name: "format", purpose: "rustfmt changes nothing", quick: true, needs_build: false, run: format },
    Suite { name: "lint", purpose: "clippy has nothing to say", quick: true, needs_build: false, run: lint },
    Suite { name: "build", purpose: "everything compiles", quick: true, needs_build: false, run: build },
    Suite { name: "rust", purpose: "the tests written in Rust", quick: true, needs_build: true, run: rust },
    Suite { name: "doc", purpose: "rustdoc has nothing to say", quick: true, needs_build: false, run: doc },
    Suite {
        name: "dependencies",
        purpose: "no banned crate, licence or source",
        quick: true,
        needs_build: false,
        run: dependencies,
    },
    Suite {
        name: "python",
        purpose: "MSAL Python, azure-identity, Authlib, PyJWT, fastapi-azure-auth",
        quick: false,
        needs_build: true,
        run: python,
    },
    Suite {
        name: "node",
        purpose: "MSAL Node, @azure/identity, openid-client, jose, passport-azure-ad",
        quick: false,
        needs_build: true,
        run: node,
    },
    Suite {
        name: "browser",
        purpose: "the pages and @azure/msal-browser in Chromium",
        quick: false,
        needs_build: true,
        run: browser,
    },
    Suite { name: "az", purpose: "the Azure CLI", quick: false, needs_build: true, run: az },
    Suite { name: "go", purpose: "MSAL Go, azidentity", quick: false, needs_build: true, run: go },
    Suite { name: "java", purpose: "MSAL Java, azure-identity", quick: false, needs_build: true, run: java },
    Suite {
        name: "rust-clients",
        purpose: "azure_identity, openidconnect",
        quick: false,
        needs_build: true,
        run: rust_clients,
    },
    Suite {
        name: "pytest",
        purpose: "the pytest plugin and its example",
        quick: false,
        needs_build: true,
        run: pytest_plugin,
    },
    Suite {
        name: "vitest",
        purpose: "the Vitest helper and its example",
        quick: false,
        needs_build: true,
        run: vitest,
    },
    Suite {
        name: "gotest",
        purpose: "the Go test helper and its example",
        quick: false,
        needs_build: true,
        run: gotest,
    },
    Suite {
        name: "junit",
        purpose: "the JUnit 5 extension and its example",
        quick: false,
        needs_build: true,
        run: junit,
    },
];

/// The suites that the person asked for, and the build that they need.
pub(crate) fn chosen(only: &[String], quick: bool) -> anyhow::Result<Vec<&'static Suite>> {
    for name in only {
        let names = || SUITES.iter().map(|suite| suite.name).collect::<Vec<_>>().join(", ");
        anyhow::ensure!(SUITES.iter().any(|suite| suite.name == name), "no suite `{name}`; there are {}", names());
    }
    let wanted =
        |suite: &Suite| (only.is_empty() || only.iter().any(|name| name == suite.name)) && suite.quick >= quick;
    let needs_build = SUITES.iter().any(|suite| wanted(suite) && suite.needs_build);
    Ok(SUITES.iter().filter(|suite| wanted(suite) || (needs_build && suite.name == "build")).collect())
}

fn format(bench: &Workbench) -> anyhow::Result<Outcome> {
    if !works("cargo", &["fmt", "--version"]) {
        return Ok(Outcome::NotRun("rustfmt is missing: rustup component add rustfmt".into()));
    }
    passes(cargo(&["fmt", "--all", "--check"], &bench.root))
}

fn lint(bench: &Workbench) -> anyhow::Result<Outcome> {
    if !works("cargo", &["clippy", "--version"]) {
        return Ok(Outcome::NotRun("clippy is missing: rustup component add clippy".into()));
    }
    passes(cargo(&["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"], &bench.root))
}

fn build(bench: &Workbench) -> anyhow::Result<Outcome> {
    // Not `cargo build`: its features differ from the tests', and everything would be compiled twice.
    passes(cargo(&["test", "--locked", "--workspace", "--no-run"], &bench.root))
}

fn rust(bench: &Workbench) -> anyhow::Result<Outcome> {
    passes(cargo(&["test", "--locked", "--workspace", "--no-fail-fast"], &bench.root))
}

fn doc(bench: &Workbench) -> anyhow::Result<Outcome> {
    let mut cargo = cargo(&["doc", "--locked", "--workspace", "--no-deps"], &bench.root);
    // A front page may name private modules: it is written for those who work here as well.
    cargo.env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private_intra_doc_links");
    passes(cargo)
}

fn dependencies(bench: &Workbench) -> anyhow::Result<Outcome> {
    let deny = match tools::cargo_deny(bench) {
        Ok(deny) => deny,
        Err(Missing(why)) => return Ok(Outcome::NotRun(why)),
    };
    let arguments = ["--locked", "--log-level", "warn", "check", "bans", "licenses", "sources"];
    passes(command(deny, &arguments, &bench.root))
}

fn python(bench: &Workbench) -> anyhow::Result<Outcome> {
    pytest(bench, "python")
}

fn az(bench: &Workbench) -> anyhow::Result<Outcome> {
    pytest(bench, "az")
}

fn pytest(bench: &Workbench, name: &str) -> anyhow::Result<Outcome> {
    let folder = bench.root.join("clients").join(name);
    let python = match tools::python(bench, name, &folder) {
        Ok(python) => python,
        Err(Missing(why)) => return Ok(Outcome::NotRun(why)),
    };
    let mut pytest = command(python, &["-B", "-m", "pytest"], &folder);
    client(pytest.env("ROPEWAY_BIN", bench.ropeway()))
}

fn pytest_plugin(bench: &Workbench) -> anyhow::Result<Outcome> {
    let folder = bench.root.join("clients/pytest");
    let python = match tools::python(bench, "python", &bench.root.join("clients/python")) {
        Ok(python) => python,
        Err(Missing(why)) => return Ok(Outcome::NotRun(why)),
    };
    // Installed as a user would, so that pytest finds it by itself, but out of the way of the other suites.
    let plugin = bench.tool("pytest");
    let target = plugin.to_string_lossy();
    let pip = ["-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"];
    run(&mut command(&python, &[&pip[..], &["--upgrade", "--target", &target, "."]].concat(), &folder))?;
    let mut pytest = command(python, &["-B", "-m", "pytest"], &folder);
    fixture(bench, pytest.env("PYTHONPATH", plugin))
}

fn node(bench: &Workbench) -> anyhow::Result<Outcome> {
    let folder = bench.root.join("clients/node");
    let node = match tools::node(bench, "node", &folder) {
        Ok(node) => node,
        Err(Missing(why)) => return Ok(Outcome::NotRun(why)),
    };
    client(command(node, &["launch.mjs"], &folder).env("ROPEWAY_BIN", bench.ropeway()))
}

fn browser(bench: &Workbench) -> anyhow::Result<Outcome> {
    let folder = bench.root.join("clients/browser");
    let sample = bench.root.join("samples/browser-app");
    let there = tools::chromium(bench)
        .and_then(|()| tools::node(bench, "browser-app", &sample))
        .and_then(|_| tools::node(bench, "browser", &folder));
    let node = match there {
        Ok(node) => node,
        Err(Missing(why)) => return Ok(Outcome::NotRun(why)),
    };
    client(command(node, &["launch.mjs"], &folder).env("ROPEWAY_BIN", bench.ropeway()))
}

fn vitest(bench: &Workbench) -> anyhow::Result<Outcome> {
    let folder = bench.root.join("clients/vitest");
    let node = match tools::node(bench, "node", &bench.root.join("clients/node")) {
        Ok(node) => node,
        Err(Missing(why)) => return Ok(Outcome::NotRun(why)),
    };
    let modules = bench.tool("node").join("node_modules");
    tools::link(&modules, &folder.join("node_modules"))?;
    // As `npm install --install-links path/to/clients/vitest` does; the example finds it there as well.
    for from in [&folder, &folder.join("src")] {
        tools::copy_files(from, &modules.join("ropeway-vitest").join(from.strip_prefix(&folder)?))?;
    }
    for project in [&folder, &folder.join("example")] {
        let mut vitest = command(&node, &["node_modules/vitest/vitest.mjs", "run", "--root"], &folder);
        match fixture(bench, vitest.arg(project))? {
            Outcome::Passed => {}
            other => return Ok(other),
        }
    }
    Ok(Outcome::Passed)
}

fn go(bench: &Workbench) -> anyhow::Result<Outcome> {
    let folder = bench.root.join("clients/go");
    let path = match tools::go(bench, &folder) {
        Ok(path) => path,
        Err(Missing(why)) => return Ok(Outcome::NotRun(why)),
    };
    // Run anew each time: Go does not see that another binary is driven.
    let mut go = command("go", &["test", "-count=1", "-v", "./..."], &folder);
    client(go.env("GOPATH", path).env("ROPEWAY_BIN", bench.ropeway()))
}

fn gotest(bench: &Workbench) -> anyhow::Result<Outcome> {
    let path = match tools::go(bench, &bench.root.join("clients/go")) {
        Ok(path) => path,
        Err(Missing(why)) => return Ok(Outcome::NotRun(why)),
    };
    for project in ["clients/gotest", "clients/gotest/example"] {
        let mut go = command("go", &["test", "-modcacherw", "-count=1", "./..."], &bench.root.join(project));
        match fixture(bench, go.env("GOPATH", &path))? {
            Outcome::Passed => {}
            other => return Ok(other),
        }
    }
    Ok(Outcome::Passed)
}

fn java(bench: &Workbench) -> anyhow::Result<Outcome> {
    let folder = bench.root.join("clients/java");
    let repository = match tools::java(bench, &folder) {
        Ok(repository) => repository,
        Err(Missing(why)) => return Ok(Outcome::NotRun(why)),
    };
    let local = format!("-Dmaven.repo.local={}", repository.display());
    client(command("./test.sh", &[&local], &folder).env("ROPEWAY_BIN", bench.ropeway()))
}

fn junit(bench: &Workbench) -> anyhow::Result<Outcome> {
    let repository = match tools::java(bench, &bench.root.join("clients/java")) {
        Ok(repository) => repository,
        Err(Missing(why)) => return Ok(Outcome::NotRun(why)),
    };
    let local = format!("-Dmaven.repo.local={}", repository.display());
    let mvn = ["--batch-mode", "--no-transfer-progress", "--strict-checksums", &local, "test"];
    fixture(bench, &mut command("mvn", &mvn, &bench.root.join("clients/junit")))
}

fn rust_clients(bench: &Workbench) -> anyhow::Result<Outcome> {
    if let Err(Missing(why)) = tools::openssl_headers(bench) {
        return Ok(Outcome::NotRun(why));
    }
    // Their lockfile is their own, but what both trees have in the same form is built once.
    let mut cargo = cargo(&["test", "--locked"], &bench.root.join("clients/rust"));
    client(cargo.env("CARGO_TARGET_DIR", &bench.target).env("ROPEWAY_BIN", bench.ropeway()))
}

fn passes(mut command: std::process::Command) -> anyhow::Result<Outcome> {
    verdict(exit_code(&mut command)?)
}

/// A client suite that ran, but not whole (a port that it may not open, say), ends with this code.
const INCOMPLETE: i32 = 77;

fn client(command: &mut std::process::Command) -> anyhow::Result<Outcome> {
    match exit_code(command).context("running the client suite")? {
        INCOMPLETE => Ok(Outcome::NotRun("in part; the suite says above what is not possible here".into())),
        code => verdict(code),
    }
}

/// A suite of fixtures for people's own tests. They leave their server's CA and keys where that person's are; ours stay
/// in `target`.
fn fixture(bench: &Workbench, command: &mut std::process::Command) -> anyhow::Result<Outcome> {
    client(command.env("ROPEWAY_BIN", bench.ropeway()).env("ROPEWAY_HOME", bench.tool("home")))
}

fn verdict(code: i32) -> anyhow::Result<Outcome> {
    Ok(if code == 0 { Outcome::Passed } else { Outcome::Failed(format!("exit code {code}")) })
}
