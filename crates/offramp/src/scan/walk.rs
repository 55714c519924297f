//! The files below some paths, read on all cores, each by a worker of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{DirEntry, ParallelVisitor, ParallelVisitorBuilder, WalkBuilder, WalkState};

use crate::scan::application::{is_manifest, is_of_a_repository, is_solution, is_within_a_repository, is_workspace};
use crate::scan::finding::Skip;
use crate::scan::language::Language;
use crate::scan::reading::{self, Buffer, LARGEST};
use crate::scan::rules::Rules;
use crate::scan::search::{self, Candidate};
use crate::scan::{Progress, Settings};

/// What the files say, before anything is judged.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) files: u64,
    pub(crate) skipped: BTreeMap<Skip, u64>,
    pub(crate) examples: BTreeMap<Skip, BTreeSet<PathBuf>>,
    pub(crate) windows1252: u64,
    /// Folders that have a manifest.
    pub(crate) manifests: BTreeSet<PathBuf>,
    /// Folders that say of the applications below that they belong together.
    pub(crate) workspaces: BTreeSet<PathBuf>,
    /// Files that list projects that belong together.
    pub(crate) solutions: BTreeSet<PathBuf>,
    /// Folders that have `.git`.
    pub(crate) tops: BTreeSet<PathBuf>,
    /// Whether what is scanned is a part of a repository whose top is above.
    pub(crate) within: bool,
    /// Folders that look like the top of a repository.
    pub(crate) repositories: BTreeSet<PathBuf>,
    /// Bits of evidence, by folder.
    pub(crate) evidence: BTreeMap<PathBuf, u64>,
    pub(crate) candidates: Vec<(PathBuf, Vec<Candidate>)>,
}

/// Walks below the root. Ignore files are honoured, and hidden files looked at, unless everything is wanted.
pub(crate) fn walk(root: &Path, rules: &Rules, settings: &Settings) -> Found {
    let ignore = !settings.no_ignore;
    let found = Mutex::new(Found::default());
    let mut builder = WalkBuilder::new(root);
    // Pipelines and variables live in hidden files.
    builder.hidden(false).follow_links(false).require_git(false);
    builder.parents(ignore).ignore(ignore).git_ignore(ignore).git_global(ignore).git_exclude(ignore);
    if ignore {
        builder.add_custom_ignore_filename(".ropewayignore");
    }
    let tops = Arc::new(Mutex::new(BTreeSet::new()));
    let seen = Arc::clone(&tops);
    builder.filter_entry(move |entry| {
        let git = entry.file_name() == ".git";
        if git && let Some(top) = entry.path().parent() {
            seen.lock().unwrap_or_else(PoisonError::into_inner).insert(top.to_owned());
        }
        !(git && ignore)
    });
    builder.build_parallel().visit(&mut Workers { rules, found: &found, progress: &settings.progress });
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.tops = std::mem::take(&mut *tops.lock().unwrap_or_else(PoisonError::into_inner));
    found.within = is_within_a_repository(root);
    found
}

struct Workers<'s> {
    rules: &'s Rules,
    found: &'s Mutex<Found>,
    progress: &'s Progress,
}

impl<'s> ParallelVisitorBuilder<'s> for Workers<'s> {
    fn build(&mut self) -> Box<dyn ParallelVisitor + 's> {
        let (found, buffer) = (Found::default(), Buffer::default());
        Box::new(Worker { rules: self.rules, progress: self.progress, sum: self.found, found, buffer })
    }
}

struct Worker<'s> {
    rules: &'s Rules,
    progress: &'s Progress,
    sum: &'s Mutex<Found>,
    found: Found,
    buffer: Buffer,
}

impl ParallelVisitor for Worker<'_> {
    fn visit(&mut self, entry: Result<DirEntry, ignore::Error>) -> WalkState {
        match entry {
            Ok(entry) => self.look_at(&entry),
            Err(error) => self.failed(&error),
        }
        WalkState::Continue
    }
}

impl Worker<'_> {
    fn look_at(&mut self, entry: &DirEntry) {
        let path = entry.path();
        match entry.file_type() {
            Some(kind) if kind.is_dir() => return,
            Some(kind) if kind.is_file() => match self.search(path) {
                Ok(()) => self.found.files += 1,
                Err(skip) => self.skip(skip, path),
            },
            Some(kind) if kind.is_symlink() => self.skip(Skip::Link, path),
            _ => self.skip(Skip::Special, path),
        }
        self.progress.files.fetch_add(1, Ordering::Relaxed);
    }

    fn failed(&mut self, error: &ignore::Error) {
        let path = match error {
            ignore::Error::WithPath { path, .. } => path.clone(),
            ignore::Error::WithDepth { err, .. } => match &**err {
                ignore::Error::WithPath { path, .. } => path.clone(),
                _ => PathBuf::new(),
            },
            _ => PathBuf::new(),
        };
        self.skip(Skip::Unreadable, &path);
    }

    fn search(&mut self, path: &Path) -> Result<(), Skip> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        for (says, folders) in [
            (is_manifest(name), &mut self.found.manifests),
            (is_workspace(name), &mut self.found.workspaces),
            (is_of_a_repository(name), &mut self.found.repositories),
        ] {
            if says && !folders.contains(folder) {
                folders.insert(folder.to_owned());
            }
        }
        if is_solution(name) {
            self.found.solutions.insert(path.to_owned());
        }
        let named = Language::of(path);
        let plain_name = path.extension().is_none();
        // Text that no rule is for can still say what its application speaks to: a list of dependencies.
        let words_only = named.is_none() && is_manifest(name);
        if named.is_none() && !plain_name && !words_only {
            return Err(Skip::OtherFormat);
        }
        let language = match (self.read(path, named.is_none() && !words_only)?, named) {
            (Some(by_first_line), None) => Some(by_first_line),
            (_, named) => named,
        };
        if language.is_none() && !words_only {
            return Err(Skip::OtherFormat);
        }
        let decoded = reading::decode(self.buffer.bytes())?;
        let signs = search::signs_of(self.rules, decoded.text.as_bytes());
        let source = language.map(|language| search::Source::new(&decoded.text, language));
        if signs.evidence != 0 {
            let evidence = match &source {
                Some(source) => source.evidence(self.rules),
                None => search::signs_of(self.rules, without_comments(&decoded.text).as_bytes()).evidence,
            };
            match self.found.evidence.get_mut(folder) {
                Some(bits) => *bits |= evidence,
                None => _ = self.found.evidence.insert(folder.to_owned(), evidence),
            }
        }
        self.found.windows1252 += u64::from(decoded.windows1252);
        let Some((language, source)) = language.zip(source).filter(|_| !signs.rules.is_empty()) else { return Ok(()) };
        if reading::has_endless_line(&decoded.text, language.bare_words_are_values) {
            return Err(Skip::EndlessLine);
        }
        let shown = path.to_string_lossy().replace('\\', "/");
        let candidates = search::candidates(self.rules, &signs, &shown, &source);
        if !candidates.is_empty() {
            self.progress.places.fetch_add(candidates.len() as u64, Ordering::Relaxed);
            self.found.candidates.push((path.to_owned(), candidates));
        }
        Ok(())
    }

    /// Reads a file into the buffer; with `script`, only if its first line names a language that is known.
    fn read(&mut self, path: &Path, script: bool) -> Result<Option<&'static Language>, Skip> {
        let unreadable = |_| Skip::Unreadable;
        let mut file = File::open(path).map_err(unreadable)?;
        let length = file.metadata().map_err(unreadable)?.len();
        if length > LARGEST {
            return Err(if script { Skip::OtherFormat } else { Skip::TooLarge });
        }
        self.buffer.clear();
        let mut language = None;
        if script {
            self.buffer.read(&mut file, FIRST_LINE).map_err(unreadable)?;
            language = Some(Language::of_first_line(self.buffer.bytes()).ok_or(Skip::OtherFormat)?);
        }
        // What has no length, such as a file of /proc, may have text.
        let end = if length == 0 { LARGEST } else { length };
        self.buffer.read(&mut file, usize::try_from(end).unwrap_or(usize::MAX)).map_err(unreadable)?;
        Ok(language)
    }

    fn skip(&mut self, skip: Skip, path: &Path) {
        *self.found.skipped.entry(skip).or_default() += 1;
        if skip == Skip::OtherFormat {
            return;
        }
        // The first by name, so that they are the same whichever worker came first.
        let examples = self.found.examples.entry(skip).or_default();
        if examples.len() < EXAMPLES || examples.last().is_some_and(|last| path < last.as_path()) {
            examples.insert(path.to_owned());
        }
        if examples.len() > EXAMPLES {
            examples.pop_last();
        }
    }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        let found = std::mem::take(&mut self.found);
        let mut sum = self.sum.lock().unwrap_or_else(PoisonError::into_inner);
        sum.files += found.files;
        sum.windows1252 += found.windows1252;
        for (skip, count) in found.skipped {
            *sum.skipped.entry(skip).or_default() += count;
        }
        for (skip, paths) in found.examples {
            sum.examples.entry(skip).or_default().extend(paths);
        }
        sum.manifests.extend(found.manifests);
        sum.workspaces.extend(found.workspaces);
        sum.solutions.extend(found.solutions);
        sum.repositories.extend(found.repositories);
        for (folder, bits) in found.evidence {
            *sum.evidence.entry(folder).or_default() |= bits;
        }
        sum.candidates.extend(found.candidates);
    }
}

/// A list of dependencies without the lines that are comments in any of them.
fn without_comments(text: &str) -> String {
    let comment = |line: &&str| ["#", "//"].iter().any(|mark| line.trim_start().starts_with(mark));
    text.lines().filter(|line| !comment(line)).collect::<Vec<_>>().join("\n")
}

const FIRST_LINE: usize = 128;

/// How many names of skipped files a worker remembers for each reason.
const EXAMPLES: usize = 20;
