//! Rule files of one's own.

use ropeway_offramp::scan::{Rules, scan};

use crate::Tree;

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
