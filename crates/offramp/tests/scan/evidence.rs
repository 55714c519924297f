//! What around a match says whose password grant it is.

use std::fs;

use ropeway_offramp::scan::{Confidence, Settings, output, scan};

use crate::{RULES, Tree};

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
        (
            "shop/Shop.sln",
            "Project(\"{1}\") = \"Web\", \"Web\\Web.csproj\", \"{2}\"\nProject(\"{1}\") = \"Core\", \"Core\\Core.csproj\", \"{3}\"\n",
        ),
        ("shop/Web/Web.csproj", ""),
        ("shop/Web/appsettings.json", address),
        ("shop/Core/Core.csproj", ""),
        ("shop/Core/Token.cs", grant),
        ("shop/Unlisted/Unlisted.csproj", ""),
        ("shop/Unlisted/Token.cs", grant),
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
        ("root/server/token.cs", Confidence::Low),
        ("pages/server/token.cs", Confidence::Low),
        ("scripts/lib/Token.cs", Confidence::Low),
        ("shared/job/Token.cs", Confidence::Medium),
        ("shop/Core/Token.cs", Confidence::Medium),
        ("shop/Unlisted/Token.cs", Confidence::Low),
    ];
    let mut expected: Vec<_> = expected.map(|(path, sure)| (tree.path(path), sure)).to_vec();
    expected.sort();
    let mut found = found;
    found.sort();
    assert_eq!(found, expected);
    assert_eq!((report.uncorroborated, report.other_provider), (2, 0));
}

#[test]
fn a_neighbour_makes_a_suspicion_and_the_finding_says_where() {
    let grant = "requests.post(os.environ['URL'], data={'grant_type': 'password'})\n";
    let tree = Tree::new(&[
        ("README.md", ""),
        ("package.json", "{\"devDependencies\": {\"prettier\": \"3\"}}"),
        (".github/workflows/deploy.yml", "env:\n  AZURE_CLIENT_ID: ${{ vars.AZURE_CLIENT_ID }}\n"),
        ("services/billing/requirements.txt", "requests\n"),
        ("services/billing/pay.py", grant),
    ]);
    let report = tree.scan();
    let found: Vec<_> = report.findings().collect();
    assert_eq!(found.iter().map(|found| found.confidence).collect::<Vec<_>>(), [Confidence::Low]);
    assert!(found[0].evidence[0].ends_with(", in another project"), "{:?}", found[0].evidence);
    assert!(output::text(&report).contains("because of: a variable that holds"), "{}", output::text(&report));
}

#[test]
fn another_repository_says_nothing() {
    let grant = "data = {'grant_type': 'password'}\n";
    let address = "authority = https://login.microsoftonline.com/x\n";
    let files = [
        ("package.json", "{}"),
        ("kc/README.md", ""),
        ("kc/setup.py", ""),
        ("kc/a.py", grant),
        ("az/README.md", ""),
        ("az/setup.py", ""),
        ("az/live.ini", address),
        ("bare/a.py", grant),
    ];
    let tree = Tree::new(&files);
    assert!(tree.scan().findings().all(|found| found.path != tree.path("kc/a.py")));
    for repository in ["kc", "az", "bare"] {
        fs::create_dir(tree.root().join(repository).join(".git")).unwrap();
    }
    let report = tree.scan();
    assert_eq!((report.findings().count(), report.uncorroborated), (0, 2));
}

#[test]
fn a_readme_within_a_repository_is_not_its_top() {
    let tree = Tree::new(&[
        ("part/live.ini", "authority = https://login.microsoftonline.com/x\n"),
        ("part/job/README.md", ""),
        ("part/job/setup.py", ""),
        ("part/job/a.py", "data = {'grant_type': 'password'}\n"),
    ]);
    let part = Settings { paths: vec![tree.root().join("part")], ..Settings::default() };
    for settings in [&tree.settings(), &part] {
        assert_eq!(scan(&RULES, settings, None).findings().count(), 0);
    }
    fs::create_dir(tree.root().join(".git")).unwrap();
    for settings in [&tree.settings(), &part] {
        let report = scan(&RULES, settings, None);
        let found: Vec<_> = report.findings().map(|found| found.confidence).collect();
        assert_eq!(found, [Confidence::Medium]);
        let text = output::text(&report);
        assert!(text.contains("because of: a host or a path of Entra's token endpoint, in a folder above"), "{text}");
    }
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
    assert_eq!((report.uncorroborated, report.other_provider), (1, 0));
    let report = scan(&RULES, &Settings { uncorroborated: true, ..tree.settings() }, None);
    let found: Vec<_> = report.findings().filter(|found| found.path == tree.path("graph/a.py")).collect();
    assert_eq!(found.iter().map(|found| found.confidence).collect::<Vec<_>>(), [Confidence::Low]);
}

#[test]
fn another_providers_endpoint_in_another_project_says_nothing() {
    let tree = Tree::new(&[
        ("package.json", "{}"),
        ("job/setup.py", ""),
        ("job/a.py", "data = {'grant_type': 'password'}\n"),
        ("meetings/setup.py", ""),
        ("meetings/zoom.ini", "url = https://zoom.example.test/oauth/token\n"),
        ("people/setup.py", ""),
        ("people/graph.ini", "api = https://graph.microsoft.com/v1.0\n"),
    ]);
    let report = tree.scan();
    let found: Vec<_> = report.findings().map(|found| (found.path.clone(), found.confidence)).collect();
    assert_eq!(found, [(tree.path("job/a.py"), Confidence::Low)]);
    assert_eq!((report.uncorroborated, report.other_provider), (0, 0));
}

#[test]
fn anothers_address_nearer_than_entras_counts_against_every_rule_that_minds_it() {
    let fields = "data = {'grant_type': 'password', 'resource': R, 'client_id': C, 'username': u, 'password': p}\n";
    let tree = Tree::new(&[
        ("other/setup.py", ""),
        ("other/a.py", &format!("url = 'https://id.example.test/oidc/token'\n{fields}")),
        ("none/setup.py", ""),
        ("none/a.py", fields),
        ("entra/setup.py", ""),
        ("entra/a.py", &format!("{fields}\nurl = 'https://login.windows.net/x/oauth2/token'\n")),
    ]);
    let report = tree.scan();
    let found: Vec<_> = report.findings().map(|found| (found.path.clone(), found.confidence)).collect();
    assert_eq!(found, [(tree.path("entra/a.py"), Confidence::High), (tree.path("none/a.py"), Confidence::Low)]);
    assert_eq!((report.uncorroborated, report.other_provider), (0, 1));
}

#[test]
fn a_comment_is_no_sign_of_entra() {
    let tree = Tree::new(&[
        ("job/setup.py", ""),
        ("job/a.py", "data = {'grant_type': 'password'}\n"),
        ("job/b.py", "# we do not use login.microsoftonline.com\nhost = 'https://id.example.test'\n"),
        ("job/requirements.txt", "# no msal here\nrequests\n"),
        ("told/setup.py", ""),
        ("told/a.py", "data = {'grant_type': 'password'}\n"),
        ("told/requirements.txt", "# for Entra\nmsal  # its library\n"),
    ]);
    let found: Vec<_> = tree.scan().findings().map(|found| (found.path.clone(), found.confidence)).collect();
    assert_eq!(found, [(tree.path("told/a.py"), Confidence::Medium)]);
}
