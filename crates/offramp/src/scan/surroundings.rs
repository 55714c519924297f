//! What the files around a place say: its application, the workspace that the application is a part of, the repository.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::scan::walk::Found;

/// Bits of evidence, by how far around a place it stands; what is nearer is farther around as well.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Said {
    /// In the application; without one, in the folders above and below.
    pub(crate) in_application: u64,
    /// In the solution, below the manifest above the application's own, or in a folder above it.
    pub(crate) in_workspace: u64,
    /// In the repository, or what looks like one.
    pub(crate) in_repository: u64,
}

/// What each application says, worked out once.
pub(crate) struct Surroundings<'f> {
    found: &'f Found,
    /// Bits of evidence, by the folder of the application.
    evidence: HashMap<&'f Path, u64>,
    /// Folders with evidence that belong to no application.
    orphans: Vec<(&'f Path, u64)>,
    /// What was said around an application's folder, or one that belongs to none.
    said: HashMap<PathBuf, Said>,
    /// Bits of evidence below a folder.
    below: HashMap<&'f Path, u64>,
    /// Manifest and its text, by the folder of the application.
    manifests: HashMap<PathBuf, (Option<PathBuf>, String)>,
}

impl<'f> Surroundings<'f> {
    pub(crate) fn new(found: &'f Found) -> Self {
        let (mut evidence, mut orphans) = (HashMap::new(), Vec::new());
        for (folder, bits) in &found.evidence {
            match owner_of(found, folder) {
                Some(owner) => *evidence.entry(owner).or_default() |= bits,
                None => orphans.push((folder.as_path(), *bits)),
            }
        }
        let (said, below, manifests) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { found, evidence, orphans, said, below, manifests }
    }

    /// What is said around a folder of this application, or of none.
    pub(crate) fn said_around(&mut self, folder: &Path, owner: Option<&Path>) -> Said {
        let place = owner.unwrap_or(folder);
        if let Some(said) = self.said.get(place) {
            return *said;
        }
        let in_application = match owner {
            Some(owner) => self.evidence.get(owner).copied().unwrap_or_default(),
            None => {
                let near =
                    self.orphans.iter().filter(|(other, _)| other.starts_with(folder) || folder.starts_with(other));
                near.fold(0, |bits, (_, more)| bits | more)
            }
        };
        let found = self.found;
        let above = || outside_of_dependencies(place);
        let workspace = above().skip(1).find_map(|above| found.workspaces.get(above).or(found.manifests.get(above)));
        // A solution often stands beside the project that it began with.
        let workspace = workspace.or_else(|| owner.and_then(|owner| found.workspaces.get(owner)));
        let repository = above().find_map(|above| found.repositories.get(above));
        // Settings for several applications stand above them, without being anybody's.
        let shared = above().skip(1).take_while(|above| repository.is_some_and(|top| above.starts_with(top)));
        let shared = shared.filter_map(|above| found.evidence.get(above)).fold(0, |bits, more| bits | more);
        let said = Said {
            in_application,
            in_workspace: workspace.map_or(0, |folder| self.said_below(folder)) | shared,
            in_repository: repository.map_or(0, |folder| self.said_below(folder)),
        };
        self.said.insert(place.to_owned(), said);
        said
    }

    /// Bits of evidence below a folder, but for what it depends on.
    fn said_below(&mut self, folder: &'f Path) -> u64 {
        let found = self.found;
        let own = |other: &&PathBuf| outside_of_dependencies(other).any(|above| above == folder);
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

/// The folder of the application that a folder belongs to.
pub(crate) fn owner_of<'f>(found: &'f Found, folder: &Path) -> Option<&'f Path> {
    folder.ancestors().find_map(|above| found.manifests.get(above)).map(PathBuf::as_path)
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
