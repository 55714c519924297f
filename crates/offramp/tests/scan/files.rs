//! Which files are read, and how.

use std::fs;

use ropeway_offramp::scan::{PasswordSource, Settings, Skip, output, scan};

use crate::{RULES, Tree};

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
fn what_is_asked_of_a_file_is_asked_for_its_first_match_alone() {
    let settings = "{\"strategy\": \"UserCredentials\"}\n".repeat(20_000);
    let addresses = "fetch('https://id.example.test/oauth/token');\n".repeat(20_000);
    let grant = "post('https://login.microsoftonline.com/x/oauth2/token', { grant_type: 'password' });\n";
    let tree = Tree::new(&[
        ("none.json", &settings),
        ("one.json", &format!("{settings}{{\"siteUrl\": \"https://contoso.sharepoint.com\", \"password\": \"p\"}}\n")),
        ("many.js", &format!("{addresses}{grant}{addresses}")),
    ]);
    let report = tree.scan();
    let found: Vec<_> = report.findings().map(|found| (found.path.clone(), found.rule.as_str(), found.line)).collect();
    let expected = [("many.js", "raw-password-grant", 20_001), ("one.json", "sharepoint-strategy-settings", 1)];
    assert_eq!(found, expected.map(|(path, rule, line)| (tree.path(path), rule, line)));
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
