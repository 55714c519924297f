//! The files that are searched: planted, the same on every machine, or copied from real code.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::report::say;

/// A folder whose files both programs search.
pub(super) struct Tree {
    pub(super) path: PathBuf,
    pub(super) files: usize,
    pub(super) bytes: u64,
}

/// So many files, and a manifest for every 500: pieces of this repository's own text under the names of many languages.
/// As in real code one file in 16 has a word that is evidence, one in 40 has a password in it that is none of the rules'
/// business, and, which is more than in real code, one in 200 something that they find.
pub(super) fn plant(root: &Path, path: &Path, files: usize) -> anyhow::Result<Tree> {
    let mut lines: Vec<String> = Vec::new();
    for folder in ["crates/core/src", "crates/server/src", "docs", "samples"] {
        gather(&root.join(folder), &mut lines)?;
    }
    anyhow::ensure!(!lines.is_empty(), "there is no text to plant");
    let (mark, wanted) = (path.with_extension("planted"), format!("{files} {}", made_of(&lines)));
    if let Some(tree) = planted(path, &mark, &wanted) {
        return Ok(tree);
    }
    let mut tree = Tree { path: path.to_owned(), files: 0, bytes: 0 };
    if path.exists() {
        fs::remove_dir_all(path).context("removing an earlier tree")?;
    }
    say(&format!("planting {files} files in {}", path.display()));
    let mut seed = 0x5e1f_0a00_u64;
    let mut next = |below: usize| {
        // Knuth's generator: the same tree everywhere.
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap_or_default() % below.max(1)
    };
    for number in 0..files {
        let project = path.join(format!("project{}", number / 500));
        let folder = project.join(format!("src/part{}", number % 500 / 25));
        if number % 25 == 0 {
            fs::create_dir_all(&folder).context("making a folder")?;
        }
        if number % 500 == 0 {
            tree.write(&project.join("package.json"), "{\"name\": \"p\"}")?;
        }
        let mut text = String::new();
        let start = next(lines.len());
        for line in start..start + 20 + next(200) {
            text.push_str(&lines[line % lines.len()]);
            text.push('\n');
        }
        for (every, pieces) in [(16, EVIDENCE), (40, HARMLESS), (200, GRANTS)] {
            if number % every == 0 {
                text.push_str(pieces[next(pieces.len())]);
            }
        }
        let extension = EXTENSIONS[next(EXTENSIONS.len())];
        tree.write(&folder.join(format!("file{number}.{extension}")), &text)?;
    }
    let note = format!("{wanted}\n{}\n{}", tree.files, tree.bytes);
    fs::write(&mark, note).context("marking the tree")?;
    Ok(tree)
}

/// A tree that an earlier run left, if it is the one that is wanted.
fn planted(path: &Path, mark: &Path, wanted: &str) -> Option<Tree> {
    let note = fs::read_to_string(mark).ok()?;
    let mut lines = note.lines();
    let same = lines.next()? == wanted && path.is_dir();
    let (files, bytes) = (lines.next()?.parse().ok()?, lines.next()?.parse().ok()?);
    same.then(|| Tree { path: path.to_owned(), files, bytes })
}

/// A number that changes with the text.
fn made_of(lines: &[String]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (lines, EVIDENCE, HARMLESS, GRANTS, EXTENSIONS).hash(&mut hasher);
    hasher.finish()
}

/// The text below a folder that is in a language which the scanner knows; what else is there only ripgrep would search.
pub(super) fn copy(from: &Path, to: &Path) -> anyhow::Result<Tree> {
    if to.exists() {
        fs::remove_dir_all(to).context("removing an earlier copy")?;
    }
    say(&format!("copying code from {}", from.display()));
    let mut tree = Tree { path: to.to_owned(), files: 0, bytes: 0 };
    let mut folders = vec![from.to_owned()];
    while let Some(folder) = folders.pop() {
        let place = to.join(folder.strip_prefix(from).unwrap_or(&folder));
        fs::create_dir_all(&place).context("making a folder")?;
        for entry in fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))? {
            let entry = entry?;
            let (kind, path) = (entry.file_type()?, entry.path());
            let name = entry.file_name();
            let code = path.extension().and_then(|extension| extension.to_str());
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && code.is_some_and(|code| EXTENSIONS.contains(&code)) {
                let bytes = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
                // Both stop at a NUL, but not at the same place.
                if !bytes.contains(&0) {
                    tree.write(&place.join(name), bytes)?;
                }
            }
        }
    }
    Ok(tree)
}

impl Tree {
    fn write(&mut self, path: &Path, text: impl AsRef<[u8]>) -> anyhow::Result<()> {
        self.files += 1;
        self.bytes += text.as_ref().len() as u64;
        fs::write(path, text).with_context(|| format!("writing {}", path.display()))
    }
}

fn gather(folder: &Path, lines: &mut Vec<String>) -> anyhow::Result<()> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            gather(&path, lines)?;
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "md") {
            // This repository is about the grant; other people's code is about something else.
            let own = |line: &&str| {
                let line = line.to_ascii_lowercase();
                !["password", "grant", "login", "token", "microsoft"].iter().any(|word| line.contains(word))
            };
            lines.extend(fs::read_to_string(&path)?.lines().filter(own).map(str::to_owned));
        }
    }
    Ok(())
}

/// Of formats that rules are for, so that both programs search every file.
const EXTENSIONS: &[&str] = &[
    "cs", "java", "kt", "py", "ts", "js", "go", "rs", "php", "rb", "ps1", "sh", "yml", "yaml", "json", "toml", "xml",
    "config",
];

const EVIDENCE: &[&str] = &[
    "see https://graph.microsoft.com/v1.0/users\n",
    "the bucket of amazonaws.com that keeps it\n",
    "from azure.identity import DefaultAzureCredential\n",
    "AZURE_CLIENT_ID\n",
];

const HARMLESS: &[&str] = &[
    "the password is kept elsewhere\n",
    "let password = prompt(\"password\");\n",
    "docker login registry.example.test\n",
];

const GRANTS: &[&str] = &[
    "az login -u \"$USER\" -p \"$PASSWORD\"\n",
    "x = app.acquire_token_by_username_password(user, password, scopes=s)\n",
    "const url = 'https://login.microsoftonline.com/x/oauth2/v2.0/token';\nconst body = { grant_type: 'password' };\n",
    "Connect-ExchangeOnline -Credential $credential\n",
];
