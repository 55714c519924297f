//! What the files around a place say: its application, the solution and the repository that the application is a part of.

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::scan::application;
use crate::scan::walk::Found;

/// Bits of evidence, by where around a place they stand.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Said {
    /// In the application; without one, in the folders above and below.
    pub(crate) in_application: u64,
    /// In a folder above it that is no application's own.
    pub(crate) above: u64,
    /// In the projects that a solution lists beside it.
    pub(crate) in_solution: u64,
    /// In the project that it stands in, or in another one of that project.
    pub(crate) in_workspace: u64,
    /// In the repository, or what looks like one.
    pub(crate) in_repository: u64,
}

/// What each application says, worked out once.
pub(crate) struct Surroundings<'f> {
    root: &'f Path,
    found: &'f Found,
    /// Bits of evidence, by the folder of the application.
    evidence: HashMap<&'f Path, u64>,
    /// Folders with evidence that belong to no application.
    orphans: Vec<(&'f Path, u64)>,
    /// What was said around an application's folder, or one that belongs to none.
    said: HashMap<PathBuf, Said>,
    /// Bits of evidence below a folder.
    below: HashMap<&'f Path, u64>,
    /// The folders of the projects that a solution lists, by its file.
    solutions: HashMap<&'f Path, BTreeSet<PathBuf>>,
    /// Manifest and its text, by the folder of the application.
    manifests: HashMap<PathBuf, (Option<PathBuf>, String)>,
}

impl<'f> Surroundings<'f> {
    pub(crate) fn new(root: &'f Path, found: &'f Found) -> Self {
        let (mut evidence, mut orphans) = (HashMap::new(), Vec::new());
        for (folder, bits) in &found.evidence {
            match owner_of(found, folder) {
                Some(owner) => *evidence.entry(owner).or_default() |= bits,
                None => orphans.push((folder.as_path(), *bits)),
            }
        }
        let (said, below, solutions, manifests) = Default::default();
        Self { root, found, evidence, orphans, said, below, solutions, manifests }
    }

    /// What is said around a folder of this application, or of none.
    pub(crate) fn said_around(&mut self, folder: &Path, owner: Option<&Path>) -> Said {
        let place = owner.unwrap_or(folder);
        if let Some(said) = self.said.get(place) {
            return *said;
        }
        let found = self.found;
        let in_application = match owner {
            Some(owner) => self.evidence.get(owner).copied().unwrap_or_default(),
            None => {
                let top = git_top(found, folder);
                let near = |other: &Path| other.starts_with(folder) || folder.starts_with(other);
                let near = self.orphans.iter().filter(|(other, _)| near(other) && git_top(found, other) == top);
                near.fold(0, |bits, (_, more)| bits | more)
            }
        };
        let repository = self.repository_of(place);
        // Without a repository to be seen, what was given is one.
        let top = repository.unwrap_or(self.root);
        let above = || outside_of_dependencies(place).skip(1).take_while(|above| above.starts_with(top));
        let workspace = above().find_map(|above| found.workspaces.get(above).or(found.manifests.get(above)));
        // A solution often stands beside the project that it began with.
        let workspace = workspace.or_else(|| owner.and_then(|owner| found.workspaces.get(owner)));
        // Settings for several applications stand above them, some without being anybody's.
        let settings = |own: bool| {
            let told = above().filter(|above| repository.is_some() && owner_of(found, above).is_some() == own);
            told.filter_map(|above| found.evidence.get(above)).fold(0, |bits, more| bits | more)
        };
        let said = Said {
            in_application,
            above: settings(false),
            in_solution: owner.map_or(0, |owner| self.said_in_solutions(owner)),
            in_workspace: workspace.map_or(0, |folder| self.said_below(folder)) | settings(true),
            in_repository: repository.map_or(0, |folder| self.said_below(folder)),
        };
        self.said.insert(place.to_owned(), said);
        said
    }

    /// The top of the repository that a folder is in: where `.git` is, else the outermost folder that looks like one.
    fn repository_of(&self, folder: &Path) -> Option<&'f Path> {
        let found = self.found;
        let mut above = outside_of_dependencies(folder);
        let known = |above: &Path| found.tops.get(above).map(PathBuf::as_path);
        let given = |above: &Path| (found.within && above == self.root).then_some(self.root);
        let top = above.find_map(|above| known(above).or_else(|| given(above)));
        let alike = || outside_of_dependencies(folder).filter_map(|above| found.repositories.get(above)).last();
        top.or_else(|| alike().map(PathBuf::as_path))
    }

    /// Bits of evidence in the projects of the solutions that list an application.
    fn said_in_solutions(&mut self, owner: &Path) -> u64 {
        let (found, top) = (self.found, git_top(self.found, owner));
        let mut bits = 0;
        for above in outside_of_dependencies(owner).take_while(|above| top.is_none_or(|top| above.starts_with(top))) {
            let beside = found.solutions.range(above.to_owned()..).take_while(|file| file.starts_with(above));
            for file in beside.filter(|file| file.parent() == Some(above)) {
                let listed = self.solutions.entry(file).or_insert_with(|| application::listed_in(file));
                if listed.contains(owner) {
                    let said = listed.iter().filter_map(|project| self.evidence.get(project.as_path()));
                    bits |= said.fold(0, |bits, more| bits | more);
                }
            }
        }
        bits
    }

    /// Bits of evidence below a folder, but for what it depends on and other repositories.
    fn said_below(&mut self, folder: &'f Path) -> u64 {
        let (found, top) = (self.found, git_top(self.found, folder));
        let own = |other: &&PathBuf| {
            outside_of_dependencies(other).any(|above| above == folder) && git_top(found, other) == top
        };
        *self.below.entry(folder).or_insert_with(|| {
            let below = found.evidence.range(folder.to_owned()..).take_while(|(other, _)| other.starts_with(folder));
            below.filter(|(other, _)| own(other)).fold(0, |bits, (_, more)| bits | more)
        })
    }

    pub(crate) fn manifest(
        &mut self,
        owner: PathBuf,
        find: impl Fn(&Path) -> Option<PathBuf>,
    ) -> (Option<&Path>, &str) {
        let (manifest, text) = self.manifests.entry(owner).or_insert_with_key(|owner| {
            let manifest = find(owner);
            let text = manifest.as_ref().and_then(|manifest| fs::read_to_string(manifest).ok()).unwrap_or_default();
            (manifest, text)
        });
        (manifest.as_deref(), text)
    }
}

/// The folder of the application that a folder belongs to, which is in the same repository.
pub(crate) fn owner_of<'f>(found: &'f Found, folder: &Path) -> Option<&'f Path> {
    let top = git_top(found, folder);
    let mut above = folder.ancestors().take_while(|above| top.is_none_or(|top| above.starts_with(top)));
    above.find_map(|above| found.manifests.get(above)).map(PathBuf::as_path)
}

/// The nearest folder at or above this one that has `.git`, among those that were looked at.
fn git_top<'f>(found: &'f Found, folder: &Path) -> Option<&'f Path> {
    if found.tops.is_empty() {
        return None;
    }
    folder.ancestors().find_map(|above| found.tops.get(above)).map(PathBuf::as_path)
}

/// A folder and those above it, up to one that holds other people's code.
fn outside_of_dependencies(folder: &Path) -> impl Iterator<Item = &Path> {
    let holds_others = |folder: &Path| {
        folder.file_name().is_some_and(|name| DEPENDENCIES.iter().any(|known| name == OsStr::new(known)))
    };
    folder.ancestors().take_while(move |above| !holds_others(above))
}

/// Folders in which each folder is somebody else's.
const DEPENDENCIES: &[&str] =
    &["node_modules", "bower_components", "site-packages", "dist-packages", "vendor", "third_party"];
