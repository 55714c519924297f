//! Which application a file belongs to, and of which kind it is.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use crate::scan::reading::LARGEST;
use crate::scan::rules::{ApplicationEntry, Rules};

/// Whether a file of this name makes its folder an application.
pub(crate) fn is_manifest(name: &str) -> bool {
    let ends = |ending: &&str| name.len() > ending.len() && name.ends_with(*ending);
    MANIFESTS.contains(&name) || MANIFEST_ENDINGS.iter().any(ends)
}

/// Whether a file of this name says that the applications below its folder belong together.
pub(crate) fn is_workspace(name: &str) -> bool {
    WORKSPACES.contains(&name) || is_solution(name)
}

/// Whether a file of this name lists projects that belong together.
pub(crate) fn is_solution(name: &str) -> bool {
    [".sln", ".slnx"].iter().any(|ending| name.len() > ending.len() && name.ends_with(ending))
}

/// The folders of the projects that a solution lists.
pub(crate) fn listed_in(solution: &Path) -> BTreeSet<PathBuf> {
    let text = match fs::metadata(solution) {
        Ok(found) if found.len() <= LARGEST => fs::read(solution).unwrap_or_default(),
        _ => Vec::new(),
    };
    let text = String::from_utf8_lossy(&text);
    let listed = PROJECT.captures_iter(&text).filter_map(|captures| {
        let mut folder = solution.parent()?.to_owned();
        let mut steps: Vec<&str> = captures.get(1)?.as_str().split(['\\', '/']).collect();
        steps.pop();
        for step in steps {
            match step {
                "" | "." => {}
                ".." => _ = folder.pop(),
                step => folder.push(step),
            }
        }
        Some(folder)
    });
    listed.collect()
}

/// Whether a file of this name stands at the top of a repository, most often.
pub(crate) fn is_of_a_repository(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    [".gitignore", ".gitattributes"].contains(&name) || stem.eq_ignore_ascii_case("readme")
}

/// The manifest of a folder, the one that names it best when there are several.
pub(crate) fn manifest_in(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut manifests: Vec<String> = names.filter(|name| is_manifest(name)).collect();
    let rank = |name: &String| MANIFESTS.iter().position(|known| known == name).map_or(0, |rank| rank + 1);
    manifests.sort_by(|one, other| rank(one).cmp(&rank(other)).then_with(|| one.cmp(other)));
    manifests.first().map(|name| folder.join(name))
}

/// The nearest folder above the scanned one that is an application, if it is in the same repository.
pub(crate) fn manifest_above(root: &Path) -> Option<PathBuf> {
    let root = fs::canonicalize(root).ok()?;
    let mut folder = if root.is_dir() { root.as_path() } else { root.parent()? };
    loop {
        if let Some(manifest) = manifest_in(folder) {
            return Some(manifest);
        }
        if folder.join(".git").exists() {
            return None;
        }
        folder = folder.parent()?;
    }
}

/// Whether the scanned folder is a part of a repository whose top is above it.
pub(crate) fn is_within_a_repository(root: &Path) -> bool {
    let root = fs::canonicalize(root).unwrap_or_default();
    root.ancestors().skip(1).any(|above| above.join(".git").exists())
}

/// An application's name, by its manifest.
pub(crate) fn name_of(manifest: &Path, text: &str) -> String {
    let folder = manifest.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    let file = manifest.file_name().unwrap_or_default().to_string_lossy();
    let stated = match &*file {
        "package.json" | "composer.json" => serde_json::from_str::<serde_json::Value>(text)
            .ok()
            .and_then(|value| Some(value.get("name")?.as_str()?.to_owned())),
        "pyproject.toml" | "Cargo.toml" => text.lines().find_map(|line| {
            let (key, value) = line.split_once('=')?;
            (key.trim() == "name").then(|| value.trim().trim_matches(['"', '\'']).to_owned())
        }),
        "go.mod" => text.lines().find_map(|line| Some(line.strip_prefix("module ")?.trim().to_owned())),
        _ => MANIFEST_ENDINGS.iter().find_map(|ending| Some(file.strip_suffix(ending)?.to_owned())),
    };
    stated.filter(|name| !name.is_empty()).or(folder).unwrap_or_else(|| file.into_owned())
}

/// The kind of a place in an application: the rule's own, else the first kind whose paths or manifest words fit, else
/// the last of the list.
pub(crate) fn kind_of<'r>(
    rules: &'r Rules,
    stated: Option<&str>,
    path: &str,
    manifest: &str,
) -> Option<&'r ApplicationEntry> {
    let fits = |entry: &ApplicationEntry| match stated {
        Some(stated) => entry.id == stated,
        None => entry.manifest.iter().any(|word| manifest.contains(word.as_str())),
    };
    // Tests are tests whatever they call.
    let by_path = rules.applications.iter().find(|kind| kind.paths.iter().any(|pattern| pattern.is_match(path)));
    let tests = by_path.filter(|kind| kind.entry.id == "test");
    let kind = tests.or_else(|| match stated {
        Some(_) => rules.applications.iter().find(|kind| fits(&kind.entry)),
        None => by_path.or_else(|| rules.applications.iter().find(|kind| fits(&kind.entry))),
    });
    kind.or(rules.applications.last()).map(|kind| &kind.entry)
}

/// The ones that say more about the application come first.
const MANIFESTS: &[&str] = &[
    "package.json",
    "pyproject.toml",
    "Cargo.toml",
    "go.mod",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "composer.json",
    "Gemfile",
    "setup.py",
    "requirements.txt",
    "Pipfile",
    "host.json",
];

const WORKSPACES: &[&str] = &[
    "pnpm-workspace.yaml",
    "lerna.json",
    "nx.json",
    "turbo.json",
    "rush.json",
    "settings.gradle",
    "settings.gradle.kts",
    "go.work",
];

const MANIFEST_ENDINGS: &[&str] = &[".csproj", ".vbproj", ".fsproj", ".gemspec"];

/// A project's file, as both kinds of solution have it.
#[expect(clippy::expect_used, reason = "a stated pattern")]
static PROJECT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#""([^"\r\n]+\.(?:cs|vb|fs)proj)""#).expect("a stated pattern"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_names_the_application() {
        for (manifest, text, name) in [
            ("a/package.json", "{\"name\": \"portal\"}", "portal"),
            ("a/package.json", "{", "a"),
            ("a/Cargo.toml", "[package]\nname = \"importer\"\n", "importer"),
            ("a/go.mod", "module example.test/job\n", "example.test/job"),
            ("a/Portal.Web.csproj", "<Project/>", "Portal.Web"),
            ("a/requirements.txt", "msal", "a"),
        ] {
            assert_eq!(name_of(Path::new(manifest), text), name, "{manifest}");
        }
    }

    #[test]
    fn a_solution_lists_the_folders_of_its_projects() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("src")).unwrap();
        for (name, text) in [
            (
                "src/a.sln",
                "Project(\"{1}\") = \"Web\", \"Web\\Web.csproj\", \"{2}\"\r\nProject(\"{1}\") = \"T\", \"..\\tests\\T.vbproj\", \"{3}\"",
            ),
            (
                "src/b.slnx",
                "<Solution><Project Path=\"Web/Web.csproj\" /><Project Path=\"../tests/T.vbproj\" /></Solution>",
            ),
        ] {
            fs::write(at(name), text).unwrap();
            assert_eq!(listed_in(&at(name)), BTreeSet::from([at("src/Web"), at("tests")]), "{name}");
        }
        assert!(listed_in(&at("src/none.sln")).is_empty());
    }
}
