//! `scan`, from paths to findings.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod accepted;
mod evidence;
mod files;
mod rules;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use ropeway_offramp::scan::{Confidence, PasswordSource, Report, Rules, Settings, output, scan};

#[test]
fn every_rule_holds_on_its_own_fixtures() {
    RULES.hold().unwrap();
}

#[test]
fn a_finding_says_what_where_how_sure_and_what_to_do() {
    let tree = Tree::new(&[
        ("jobs/import/package.json", r#"{"name": "importer", "dependencies": {"@azure/msal-node": "2"}}"#),
        (
            "jobs/import/src/auth.ts",
            "\n  const r = await app.acquireTokenByUsernamePassword({\n    username,\n    password: process.env.PW,\n  });\n",
        ),
        ("web/Portal.csproj", "<Project Sdk=\"Microsoft.NET.Sdk.Web\"/>"),
        ("web/Auth.cs", "var r = app.AcquireTokenByUsernamePassword(s, \"u\", \"Summit-2042\");"),
    ]);
    let report = tree.scan();
    let names: Vec<&str> = report.applications.iter().map(|found| found.name.as_str()).collect();
    assert_eq!(names, ["importer", "Portal"]);
    let importer = &report.applications[0].findings[0];
    assert_eq!((importer.rule.as_str(), importer.line, importer.column), ("msal-node", 2, 23));
    assert_eq!((importer.confidence, importer.password), (Confidence::High, Some(PasswordSource::Environment)));
    assert_eq!(importer.replacement.as_ref().unwrap().link, "docs/migration.md#scripts-and-jobs");
    let portal: Vec<&str> = report.applications[1].findings.iter().map(|found| found.rule.as_str()).collect();
    assert_eq!(portal, ["literal-password", "msal-net"]);
    assert_eq!(report.applications[1].findings[1].kind, "web");
}

#[test]
fn no_output_has_a_password_in_it() {
    let secret = "Summit-2042";
    let tree = Tree::new(&[
        ("a.sh", &format!("az login -u u@contoso.onmicrosoft.com -p {secret}\n")),
        ("b.py", &format!("x.acquire_token_by_username_password('u', '{secret}', scopes=[])")),
        ("c.json", &format!("{{\"c\": \"Server=x;Authentication=Active Directory Password;UID=u;PWD={secret}\"}}")),
        (".env", &format!("AZURE_USERNAME=u\nAZURE_PASSWORD={secret}\n")),
        (
            "d.ps1",
            &format!(
                "$p = ConvertTo-SecureString '{secret}' -AsPlainText -Force\n$c = New-Object PSCredential('u', $p)\nConnect-MsolService -Credential $c\n"
            ),
        ),
        (
            "e.http",
            &format!(
                "POST https://login.microsoftonline.com/x/oauth2/v2.0/token\n\ngrant_type=password&password={secret}&username=u"
            ),
        ),
    ]);
    let report = tree.scan();
    let literals = report.findings().filter(|found| found.rule == "literal-password").count();
    assert_eq!(literals, 6, "{}", output::text(&report));
    let all = [output::text(&report), output::summary(&report), json(&report), output::sarif(&report).to_string()];
    assert!(all.iter().all(|text| !text.contains(secret)), "{all:?}");
}

fn json(report: &Report) -> String {
    serde_json::to_string(&output::json(report)).unwrap()
}

static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::built_in().unwrap());

struct Tree {
    folder: tempfile::TempDir,
}

impl Tree {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self { folder }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn path(&self, name: &str) -> String {
        self.root().join(name).to_string_lossy().into_owned()
    }

    fn settings(&self) -> Settings {
        Settings { paths: vec![PathBuf::from(self.root())], ..Settings::default() }
    }

    fn scan(&self) -> Report {
        scan(&RULES, &self.settings(), None)
    }
}
