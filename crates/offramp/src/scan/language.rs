//! Which language a file is written in, told by its name, and for a script without an extension by its first line.

use std::path::Path;

use crate::scan::lexer::Syntax;
use crate::scan::lexer::syntax;

/// A language or format that rules can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Language {
    /// The name in rule files.
    pub(crate) name: &'static str,
    /// How its comments, strings and continued lines look.
    pub(crate) syntax: &'static Syntax,
    /// A bare word is a value and not a variable: `password: Summit-2042`. Its lines may be longer than code's.
    pub(crate) bare_words_are_values: bool,
    extensions: &'static [&'static str],
    names: &'static [&'static str],
    interpreters: &'static [&'static str],
}

impl Language {
    /// The language of a file of this name; `None` when its name says nothing.
    pub(crate) fn of(path: &Path) -> Option<&'static Language> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let by_name = |language: &&Language| {
            language.names.iter().any(|known| match known.strip_suffix('*') {
                Some(stem) => name.strip_prefix(stem).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')),
                None => name == *known,
            })
        };
        // `web.config.example` is written like `web.config`.
        let written = EXAMPLES.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name);
        let extension = written.rsplit_once('.').map(|(_, extension)| extension);
        let by_extension = |language: &&Language| extension.is_some_and(|found| language.extensions.contains(&found));
        // They declare what others do.
        if DECLARATIONS.iter().any(|ending| name.ends_with(ending)) {
            return None;
        }
        ALL.iter().find(by_name).or_else(|| ALL.iter().find(by_extension))
    }

    /// The language of a script, by the interpreter that its first line names.
    pub(crate) fn of_first_line(start: &[u8]) -> Option<&'static Language> {
        let line = start.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
        let line = std::str::from_utf8(line).ok()?;
        let program = |word: &str| word.rsplit('/').next().unwrap_or_default().to_owned();
        let mut words = line.split_whitespace().map(program).filter(|word| word != "env" && !word.starts_with('-'));
        let interpreter = words.next()?;
        let interpreter = interpreter.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        ALL.iter().find(|language| language.interpreters.contains(&interpreter))
    }

    /// The languages of a name in a rule file: one language, or a group of them.
    pub(crate) fn named(name: &str) -> Option<Vec<&'static str>> {
        if name == "any" {
            return Some(ALL.iter().map(|language| language.name).collect());
        }
        if let Some((_, members)) = GROUPS.iter().find(|(group, _)| *group == name) {
            return Some(members.to_vec());
        }
        let language = ALL.iter().find(|language| language.name == name)?;
        let notebooks = IN_NOTEBOOKS.contains(&name).then_some(NOTEBOOK);
        Some([language.name].into_iter().chain(notebooks).collect())
    }

    /// All names that [`Language::named`] knows.
    pub(crate) fn names() -> String {
        let names = ALL.iter().map(|language| language.name).chain(GROUPS.iter().map(|(group, _)| *group));
        names.chain(["any"]).collect::<Vec<_>>().join(", ")
    }
}

/// Groups that rules may name instead of each language.
const GROUPS: &[(&str, &[&str])] = &[
    ("dotnet", &["csharp", "vbnet", "fsharp"]),
    ("jvm", &["java", "kotlin", "groovy", "scala", "gosu"]),
    ("js", &["javascript", "typescript"]),
    ("config", &["json", "yaml", "ini", "xml", "env"]),
    ("script", &["shell", "batch", "powershell", "dockerfile", "makefile", "yaml"]),
    (
        "code",
        &[
            "csharp",
            "vbnet",
            "fsharp",
            "java",
            "kotlin",
            "groovy",
            "scala",
            "gosu",
            "python",
            "javascript",
            "typescript",
            "go",
            "rust",
            "php",
            "ruby",
            "r",
            NOTEBOOK,
        ],
    ),
];

/// A notebook's cells, in whatever language.
pub(crate) const NOTEBOOK: &str = "notebook";

/// Languages whose rules look at notebooks as well.
const IN_NOTEBOOKS: &[&str] = &["python", "r"];

/// Ends of the names of files that only declare.
const DECLARATIONS: &[&str] = &[".d.ts", ".d.mts", ".d.cts", ".pyi"];

/// Ends of the names of files that are to be copied and filled in.
const EXAMPLES: &[&str] = &[".example", ".sample", ".template", ".dist", ".tpl", ".tmpl", ".j2"];

const fn code(
    name: &'static str,
    syntax: &'static Syntax,
    extensions: &'static [&'static str],
    interpreters: &'static [&'static str],
) -> Language {
    Language { name, syntax, bare_words_are_values: false, extensions, names: &[], interpreters }
}

const fn values(
    name: &'static str,
    syntax: &'static Syntax,
    extensions: &'static [&'static str],
    names: &'static [&'static str],
) -> Language {
    Language { name, syntax, bare_words_are_values: true, extensions, names, interpreters: &[] }
}

/// Names win over extensions, so `Dockerfile.dev` is a Dockerfile. A name that ends in `*` is a stem.
const ALL: &[Language] = &[
    code("csharp", &syntax::CSHARP, &["cs", "csx", "cake", "cshtml", "razor", "aspx", "ashx", "linq"], &[]),
    code("vbnet", &syntax::VBNET, &["vb", "vbs", "bas", "frm", "asp"], &[]),
    code("fsharp", &syntax::FSHARP, &["fs", "fsx", "fsi"], &[]),
    code("java", &syntax::JAVA, &["java", "jsp"], &[]),
    code("kotlin", &syntax::JAVA, &["kt", "kts"], &[]),
    Language {
        name: "groovy",
        syntax: &syntax::GROOVY,
        bare_words_are_values: false,
        extensions: &["groovy", "gradle", "jenkinsfile"],
        names: &["jenkinsfile*"],
        interpreters: &["groovy"],
    },
    code("scala", &syntax::JAVA, &["scala", "sc"], &[]),
    code("python", &syntax::PYTHON, &["py", "pyw"], &["python"]),
    code("javascript", &syntax::JAVASCRIPT, &["js", "jsx", "mjs", "cjs", "vue", "svelte"], &["node"]),
    code("typescript", &syntax::JAVASCRIPT, &["ts", "tsx", "mts", "cts"], &["deno", "bun", "ts-node"]),
    code("go", &syntax::GO, &["go"], &[]),
    code("rust", &syntax::RUST, &["rs"], &[]),
    code("php", &syntax::PHP, &["php", "phtml", "inc"], &["php"]),
    code("ruby", &syntax::RUBY, &["rb", "rake", "erb"], &["ruby"]),
    code("r", &syntax::HASH, &["r", "rmd"], &["Rscript"]),
    code("swift", &syntax::JAVA, &["swift"], &[]),
    code("dart", &syntax::JAVA, &["dart"], &[]),
    code("objectivec", &syntax::JAVA, &["m", "mm"], &[]),
    code("zig", &syntax::JAVA, &["zig"], &[]),
    code("gosu", &syntax::JAVA, &["gs", "gsx"], &[]),
    code("clojure", &syntax::LISP, &["clj", "cljs", "cljc"], &[]),
    code("lua", &syntax::LUA, &["lua"], &["lua"]),
    code("perl", &syntax::HASH, &["pl", "pm"], &["perl"]),
    code("elixir", &syntax::HASH, &["ex", "exs"], &["elixir"]),
    code("al", &syntax::JAVASCRIPT, &["al"], &[]),
    // Salesforce's; Visual Basic's class modules have the same ending.
    code("apex", &syntax::JAVA, &["cls", "trigger", "apex"], &[]),
    code("c", &syntax::JAVA, &["c", "cc", "cpp", "cxx", "ino"], &[]),
    code("pascal", &syntax::JAVA, &["pas", "dpr"], &[]),
    code("gherkin", &syntax::HASH, &["feature"], &[]),
    code("robot", &syntax::HASH, &["robot", "resource"], &[]),
    code("powerquery", &syntax::CSHARP, &["pq", "pqm"], &[]),
    code("bicep", &syntax::JAVASCRIPT, &["bicep", "bicepparam"], &[]),
    code("powershell", &syntax::POWERSHELL, &["ps1", "psm1", "psd1"], &["pwsh", "powershell"]),
    Language {
        name: "shell",
        syntax: &syntax::SHELL,
        bare_words_are_values: true,
        extensions: &["sh", "bash", "zsh", "ksh", "fish", "command"],
        names: &[],
        interpreters: &["sh", "bash", "zsh", "ksh", "dash", "fish"],
    },
    values("batch", &syntax::BATCH, &["bat", "cmd"], &[]),
    values("dockerfile", &syntax::SHELL, &["dockerfile"], &["dockerfile*", "containerfile*"]),
    values("makefile", &syntax::SHELL, &["mk", "mak"], &["makefile", "gnumakefile", "justfile"]),
    values("yaml", &syntax::SHELL, &["yml", "yaml"], &[]),
    values("json", &syntax::JSON, &["json", "jsonc", "json5", "webmanifest"], &[]),
    values(NOTEBOOK, &syntax::NOTEBOOK, &["ipynb"], &[]),
    values("ini", &syntax::INI, &["ini", "cfg", "conf", "properties", "toml", "udl", "dsn", "prefs"], &[".npmrc"]),
    values(
        "xml",
        &syntax::XML,
        &[
            "xml", "config", "csproj", "vbproj", "fsproj", "props", "targets", "jmx", "pubxml", "dtsx", "rds",
            "settings", "webtest", "xaml", "resx", "plist", "ktr", "kjb", "yxmd", "cfm", "cfc",
        ],
        &[],
    ),
    values("env", &syntax::HASH, &["env"], &[".env*", ".envrc"]),
    values("http", &syntax::HTTP, &["http", "rest", "hurl"], &[]),
    values("bruno", &syntax::NOTHING, &["bru"], &[]),
    values("terraform", &syntax::TERRAFORM, &["tf", "tfvars", "hcl"], &[]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_tells_the_language() {
        for (path, name) in [
            ("src/Program.cs", "csharp"),
            ("Jenkinsfile", "groovy"),
            ("ci/Jenkinsfile.nightly", "groovy"),
            ("Dockerfile.dev", "dockerfile"),
            (".env", "env"),
            (".env.local", "env"),
            ("prod.env", "env"),
            ("web.config", "xml"),
            (".github/workflows/ci.YML", "yaml"),
            ("a.postman_collection.json", "json"),
            ("Makefile", "makefile"),
            ("explore.ipynb", "notebook"),
            ("web.config.example", "xml"),
            ("config.php.dist", "php"),
            ("login.feature", "gherkin"),
        ] {
            assert_eq!(Language::of(Path::new(path)).map(|language| language.name), Some(name), "{path}");
        }
        for path in ["README.md", "logo.png", "LICENSE", "makefile.in.txt", "index.d.ts", "msal.pyi"] {
            assert_eq!(Language::of(Path::new(path)), None, "{path}");
        }
    }

    #[test]
    fn the_first_line_of_a_script_tells_it_too() {
        for (line, name) in [
            ("#!/bin/bash -e\n", Some("shell")),
            ("#!/usr/bin/env python3\n", Some("python")),
            ("#!/usr/bin/env -S node --test\n", Some("javascript")),
            ("#!/usr/bin/awk -f\n", None),
            ("echo", None),
        ] {
            assert_eq!(Language::of_first_line(line.as_bytes()).map(|language| language.name), name, "{line}");
        }
    }

    #[test]
    fn every_group_has_languages_of_that_name() {
        for (group, members) in GROUPS {
            for member in *members {
                assert!(ALL.iter().any(|language| language.name == *member), "{group}: {member}");
            }
        }
    }
}
