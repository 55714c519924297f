//! `scan`, from paths to findings.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use ropeway_offramp::scan::{Baseline, Confidence, PasswordSource, Report, Rules, Settings, Skip, output, scan};

fn json(report: &Report) -> String {
    serde_json::to_string(&output::json(report)).unwrap()
}

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

#[test]
fn a_generic_name_counts_only_with_a_sign_of_entra() {
    let grant = "const body = { grant_type: 'password' };\n";
    let tree = Tree::new(&[
        ("one/package.json", "{}"),
        ("one/a.js", grant),
        ("one/settings.json", "{\"authority\": \"https://login.microsoftonline.com/x\"}"),
        ("two/package.json", "{}"),
        ("two/a.js", grant),
        (
            "three/a.js",
            &format!(
                "const url = 'https://x/auth/realms/y/protocol/openid-connect/token';\n{grant}\n\nfetch('https://graph.microsoft.com');"
            ),
        ),
    ]);
    fs::write(tree.root().join("one/b.js"), format!("const url = 'https://api.example.test/v1/auth/token';\n{grant}"))
        .unwrap();
    let report = tree.scan();
    let found: Vec<_> = report.findings().map(|found| (found.path.as_str(), found.confidence)).collect();
    assert_eq!(found, [(tree.path("one/a.js").as_str(), Confidence::Medium)]);
    assert_eq!((report.uncorroborated, report.other_provider), (1, 2));
    let settings = Settings { uncorroborated: true, ..tree.settings() };
    let report = scan(&RULES, &settings, None);
    let found: Vec<_> = report.findings().map(|found| found.confidence).collect();
    assert_eq!(found, [Confidence::Medium, Confidence::Low]);
}

#[test]
fn a_word_that_is_a_sign_of_several_things_counts_for_each() {
    // Microsoft Graph is an API that only Entra gives tokens for, and a sign of the Azure SDK.
    let tree = Tree::new(&[
        ("graph/a.py", "data = {'grant_type': 'password', 'scope': 'https://graph.microsoft.com/.default'}\n"),
        ("graph/setup.py", ""),
        ("other/a.py", "data = {'grant_type': 'password', 'scope': 'https://graph.example.test/.default'}\n"),
        ("other/setup.py", ""),
    ]);
    let report = tree.scan();
    let found: Vec<_> = report.findings().map(|found| (found.path.as_str(), found.confidence)).collect();
    assert_eq!(found, [(tree.path("graph/a.py").as_str(), Confidence::High)]);
}

#[test]
fn what_belongs_together_corroborates_across_its_projects() {
    let grant = "var body = new Dictionary<string, string> { [\"grant_type\"] = \"password\" };\n";
    let address = "{\"Authority\": \"https://login.microsoftonline.com/x\"}";
    let tree = Tree::new(&[
        ("shop/Shop.sln", ""),
        ("shop/Web/Web.csproj", ""),
        ("shop/Web/appsettings.json", address),
        ("shop/Core/Core.csproj", ""),
        ("shop/Core/Token.cs", grant),
        ("root/package.json", "{}"),
        ("root/settings.json", address),
        ("root/server/package.json", "{}"),
        ("root/server/token.cs", grant),
        ("root/server/node_modules/other/package.json", "{}"),
        ("root/server/node_modules/other/token.cs", grant),
        ("scripts/README.md", ""),
        ("scripts/config/live.json", address),
        ("scripts/lib/Token.cs", grant),
        ("pages/package.json", "{}"),
        ("pages/web/package.json", "{\"dependencies\": {\"@azure/msal-browser\": \"3\"}}"),
        ("pages/server/package.json", "{}"),
        ("pages/server/token.cs", grant),
        ("shared/README.md", ""),
        ("shared/live.json", address),
        ("shared/job/setup.py", ""),
        ("shared/job/Token.cs", grant),
        ("beside/config/live.json", address),
        ("beside/lib/Token.cs", grant),
    ]);
    let report = tree.scan();
    let found: Vec<_> = report.findings().map(|found| (found.path.clone(), found.confidence)).collect();
    let expected = [
        ("root/server/token.cs", Confidence::Medium),
        ("pages/server/token.cs", Confidence::Low),
        ("scripts/lib/Token.cs", Confidence::Low),
        ("shared/job/Token.cs", Confidence::Medium),
        ("shop/Core/Token.cs", Confidence::Medium),
    ];
    let mut expected: Vec<_> = expected.map(|(path, sure)| (tree.path(path), sure)).to_vec();
    expected.sort();
    let mut found = found;
    found.sort();
    assert_eq!(found, expected);
    assert_eq!((report.uncorroborated, report.other_provider), (2, 0));
}

#[test]
fn another_providers_endpoint_in_the_application_is_not_taken_for_entras() {
    let grant = "data = {'grant_type': 'password'}\n";
    let other = "url = https://id.example.test/connect/token\n";
    let tree = Tree::new(&[
        ("both/setup.py", ""),
        ("both/a.py", grant),
        ("both/other.ini", other),
        ("both/entra.ini", "authority = https://login.microsoftonline.com/x\n"),
        ("graph/setup.py", ""),
        ("graph/a.py", grant),
        ("graph/other.ini", other),
        ("graph/graph.ini", "api = https://graph.microsoft.com/v1.0\n"),
        ("alone/setup.py", ""),
        ("alone/a.py", grant),
        ("alone/graph.ini", "api = https://graph.microsoft.com/v1.0\n"),
    ]);
    let report = tree.scan();
    let mut found: Vec<_> = report.findings().map(|found| (found.path.clone(), found.confidence)).collect();
    found.sort();
    assert_eq!(found, [(tree.path("alone/a.py"), Confidence::Medium), (tree.path("both/a.py"), Confidence::Low)]);
    assert_eq!((report.uncorroborated, report.other_provider), (0, 1));
}

#[test]
fn a_notebooks_findings_are_where_the_file_has_them() {
    let cell = |kind: &str, lines: &[&str]| {
        let lines: Vec<String> = lines.iter().map(|line| format!("    {}", serde_json::json!(line))).collect();
        format!("  {{\n   \"cell_type\": \"{kind}\",\n   \"source\": [\n{}\n   ]\n  }}", lines.join(",\n"))
    };
    let call = "token = app.acquire_token_by_username_password(\"u\", os.environ[\"PW\"], scopes)\n";
    let image =
        format!("  {{\"cell_type\": \"code\", \"source\": \"plot()\", \"outputs\": [\"{}\"]}}", "A".repeat(100 << 10));
    let cells = [cell("markdown", &["Call it like this:\n", call]), image, cell("code", &["# sign in\n", call])];
    let notebook = format!("{{\n \"cells\": [\n{}\n ]\n}}\n", cells.join(",\n"));
    let line = notebook.lines().enumerate().filter(|(_, line)| line.contains("acquire_token")).last().unwrap().0 + 1;
    let tree = Tree::new(&[("explore.ipynb", &notebook)]);
    let report = tree.scan();
    let found: Vec<_> = report.findings().map(|found| (found.rule.as_str(), found.line, found.password)).collect();
    assert_eq!(found, [("msal-python", line, Some(PasswordSource::Environment))]);
}

#[test]
fn what_cannot_be_searched_is_counted_with_the_reason() {
    let tree = Tree::new(&[("a.py", "x = 1\n"), ("README.md", "az login -u a -p b"), ("plain", "az login -u a -p b")]);
    let write = |name: &str, bytes: &[u8]| fs::write(tree.root().join(name), bytes).unwrap();
    write("binary.py", b"az login -u a -p b\0");
    write("odd.py", b"\xff\xfeaz login -u a -p bc");
    write("control.py", b"az login -u a -p b \xe9\x01");
    write("latin.py", b"# caf\xe9\n");
    write("huge.py", &vec![b'x'; (16 << 20) + 1]);
    write("endless.js", format!("{} az login -u a -p b", "x".repeat(100 << 10)).as_bytes());
    #[cfg(unix)]
    let _socket = {
        std::os::unix::fs::symlink(tree.root(), tree.root().join("circle")).unwrap();
        std::os::unix::fs::symlink("nowhere", tree.root().join("dangling.py")).unwrap();
        std::os::unix::net::UnixListener::bind(tree.root().join("socket.py")).unwrap()
    };
    let report = tree.scan();
    assert_eq!(report.findings().count(), 0);
    let skipped = |skip| report.skipped.get(&skip).copied().unwrap_or_default();
    assert_eq!(skipped(Skip::Binary), 1);
    assert_eq!(skipped(Skip::WrongEncoding), 2);
    assert_eq!(skipped(Skip::TooLarge), 1);
    assert_eq!(skipped(Skip::EndlessLine), 1);
    assert_eq!(skipped(Skip::OtherFormat), 2);
    assert_eq!(report.read_as_windows1252, 1);
    assert_eq!(report.files, 2);
    if cfg!(unix) {
        assert_eq!((skipped(Skip::Link), skipped(Skip::Special)), (2, 1));
    }
    let summary = output::summary(&report);
    assert!(summary.contains("1 binary") && summary.contains("1 over 16 MiB"), "{summary}");
}

#[test]
fn what_cannot_be_read_is_counted_and_ends_nothing() {
    let tree = Tree::new(&[("a.sh", "az login -u a -p $P\n"), ("locked.sh", "az login -u a -p $P\n")]);
    let settings = Settings { paths: vec![tree.root().join("gone"), tree.root().join("a.sh")], ..Settings::default() };
    let report = scan(&RULES, &settings, None);
    assert_eq!((report.findings().count(), report.skipped.get(&Skip::Unreadable)), (1, Some(&1)));
    assert_eq!(report.skipped_examples, [(Skip::Unreadable, tree.path("gone"))]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;

        let locked = tree.root().join("locked.sh");
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
        // Who may read everything finds it there.
        let expected = if fs::read(&locked).is_ok() { (2, None) } else { (1, Some(&1)) };
        let report = tree.scan();
        assert_eq!((report.findings().count(), report.skipped.get(&Skip::Unreadable)), expected);
    }
}

#[test]
fn the_names_of_skipped_files_are_the_first_ones_whoever_reads_faster() {
    let tree = Tree::new(&[]);
    for number in 0..200 {
        fs::write(tree.root().join(format!("{number:03}.py")), b"\0").unwrap();
    }
    let report = tree.scan();
    assert_eq!(report.skipped.get(&Skip::Binary), Some(&200));
    let names: Vec<_> = report.skipped_examples.iter().map(|(_, name)| name.clone()).collect();
    let expected: Vec<_> = (0..20).map(|number| tree.path(&format!("{number:03}.py"))).collect();
    assert_eq!(names, expected);
}

#[test]
fn a_large_file_is_read_to_its_end() {
    let filling = "x = 1\n".repeat(200_000);
    let tree = Tree::new(&[("a.py", &format!("{filling}x.acquire_token_by_username_password(u, p, scopes=s)\n"))]);
    let lines: Vec<_> = tree.scan().findings().map(|found| found.line).collect();
    assert_eq!(lines, [200_001]);
}

#[test]
fn progress_counts_what_was_looked_at() {
    let tree = Tree::new(&[("a.sh", "az login -u a -p $P\n"), ("b.py", "x = 1\n"), ("README.md", "")]);
    let settings = tree.settings();
    assert_eq!((settings.progress.files(), settings.progress.places()), (0, 0));
    let report = scan(&RULES, &settings, None);
    assert_eq!((settings.progress.files(), settings.progress.places()), (3, 1));
    assert_eq!((report.files, report.findings().count()), (2, 1));
}

#[test]
fn ignore_files_are_honoured_unless_everything_is_wanted() {
    let tree = Tree::new(&[
        (".gitignore", "dist/\n"),
        (".ropewayignore", "old/\n"),
        ("dist/a.sh", "az login -u a -p $P\n"),
        ("old/a.sh", "az login -u a -p $P\n"),
        (".github/workflows/ci.yml", "run: az login -u a -p $P\n"),
    ]);
    let found: Vec<String> = tree.scan().findings().map(|found| found.path.clone()).collect();
    assert_eq!(found, [tree.path(".github/workflows/ci.yml")]);
    let settings = Settings { no_ignore: true, ..tree.settings() };
    assert_eq!(scan(&RULES, &settings, None).findings().count(), 3);
}

#[test]
fn a_baseline_accepts_what_it_has_wherever_the_line_moves() {
    let tree = Tree::new(&[
        ("a.py", "t = x.acquire_token_by_username_password(u, p, scopes=s)\n"),
        ("b.sh", "az login -u a -p $P\n"),
    ]);
    let first = tree.scan();
    for text in [json(&first), output::sarif(&first).to_string()] {
        let baseline = Baseline::read(&text).unwrap();
        fs::write(tree.root().join("a.py"), "import x\n\n\nt = x.acquire_token_by_username_password(u, p, scopes=s)\n")
            .unwrap();
        fs::write(tree.root().join("b.sh"), "echo\n").unwrap();
        fs::write(tree.root().join("c.sh"), "az login -u a -p $P\n").unwrap();
        let report = scan(&RULES, &tree.settings(), Some(&baseline));
        let open: Vec<_> = report.findings().filter(|found| found.open()).map(|found| found.path.clone()).collect();
        assert_eq!(open, [tree.path("c.sh")]);
        assert_eq!((report.gone, report.open(Confidence::Low)), (1, 1));
    }
    assert!(Baseline::read("{}").is_err() && Baseline::read("<sarif/>").is_err());
}

#[test]
fn a_suppression_needs_a_reason() {
    let tree = Tree::new(&[
        ("a.sh", "# ropeway-ignore: the test tenant has no second factor\naz login -u a -p $P\n"),
        ("b.sh", "az login -u a -p $P # ropeway-ignore\n"),
    ]);
    let report = tree.scan();
    let told: Vec<_> = report.findings().map(|found| (found.rule.as_str(), found.suppressed.is_some())).collect();
    assert_eq!(told, [("azure-cli", true), ("azure-cli", false), ("suppression-without-reason", false)]);
    assert_eq!(report.open(Confidence::Low), 2);
}

#[test]
fn sarif_is_what_its_schema_says() {
    let mut schema: serde_json::Value = serde_json::from_str(include_str!("sarif-2.1.0.schema.json")).unwrap();
    // As published, this pattern has a bracket too many; no property of ours is a language.
    schema["definitions"]["run"]["properties"]["language"].as_object_mut().unwrap().remove("pattern");
    schema["definitions"]["toolComponent"]["properties"]["language"].as_object_mut().unwrap().remove("pattern");
    let validator = jsonschema::validator_for(&schema).unwrap();
    let tree = Tree::new(&[
        ("a b.sh", "az login -u a -p Summit-2042\naz login -u a -p $P # ropeway-ignore: known\n"),
        ("c.py", "x.acquire_token_by_username_password(u, getpass(), scopes=s)\n"),
    ]);
    fs::write(tree.root().join("binary.py"), b"az login\0").unwrap();
    let report = tree.scan();
    let baseline = Baseline::read(&json(&report)).unwrap();
    let compared = scan(&RULES, &tree.settings(), Some(&baseline));
    for report in [&report, &compared, &Report::default()] {
        let sarif = output::sarif(report);
        let faults: Vec<String> = validator.iter_errors(&sarif).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{faults:?}");
    }
    assert!(!validator.is_valid(&serde_json::json!({"version": "2.1.0"})), "the schema refuses what is none");
    let sarif = output::sarif(&compared);
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 4);
    assert!(results.iter().all(|result| result["baselineState"] == "unchanged"));
    assert!(results.iter().any(|result| result["suppressions"][0]["justification"] == "known"));
}

#[test]
fn own_rules_add_replace_and_disable() {
    let own = r"
disable: [azure-cli]
rules:
  - id: our-login
    title: our own wrapper
    languages: [python]
    pattern: 'corp_login\s*\('
    confidence: high
    why: It does the password grant.
    finds: [{ file: a.py, text: 'corp_login(u, p)' }]
    leaves: [{ file: a.py, text: 'corp_logout()' }]
";
    let tree = Tree::new(&[("a.sh", "az login -u a -p $P\n"), ("b.py", "t = corp_login(u, p)\n")]);
    let report = scan(&Rules::with(&[own]).unwrap(), &tree.settings(), None);
    let found: Vec<_> = report.findings().map(|found| found.rule.clone()).collect();
    assert_eq!(found, ["our-login"]);
}

#[test]
fn a_faulty_rule_file_says_what_is_wrong() {
    let rule = |change: &str| {
        let own = "{ rules: [{ id: our, title: t, languages: [python], pattern: 'corp_login', confidence: high, why: w, \
                   finds: [{ file: a.py, text: corp_login }], leaves: [{ file: a.py, text: x }] }] }";
        let (from, to) = change.split_once(" => ").unwrap();
        assert!(own.contains(from), "{from}");
        Rules::with(&[&own.replace(from, to)]).unwrap_err().to_string()
    };
    for (change, said) in [
        ("[python] => [cobol]", "rule `our`: there is no language `cobol`; there are csharp, "),
        ("'corp_login' => '('", "is no pattern"),
        ("'corp_login' => '\\w+'", "no fixed text"),
        ("text: x => text: corp_login", "rule `our`: finds its fixture a.py: corp_login"),
        ("text: corp_login => text: y", "rule `our`: does not find its fixture a.py: y"),
        ("leaves: [{ file: a.py, text: x }] => leaves: []", "has no fixtures under both `finds` and `leaves`"),
        ("why: w => why: w, corroborators: [nothing]", "there is no evidence `nothing`"),
        ("why: w => why: w, replace: nothing", "there is no replacement `nothing`"),
        ("why: w => why: w, application: nothing", "there is no kind of application `nothing`"),
        (
            "rules: => evidence: [{ id: our, is: ours, words: [ad] }], rules:",
            "the word `ad` has less than three letters",
        ),
        ("why: w => wy: w", "wy"),
    ] {
        let fault = rule(change);
        assert!(fault.contains(said), "{change}: {fault}");
    }
    assert!(Rules::with(&["disable: [nothing]"]).unwrap_err().to_string().contains("there is no rule `nothing`"));
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
