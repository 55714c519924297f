//! How comments, strings and continued lines look, one table a family of languages.

/// What the lexer knows of a language.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Syntax {
    /// Begin a comment wherever they stand outside of a string.
    pub(super) comments: &'static [&'static str],
    /// Begin a comment at the start of a line or after a blank: `a#b` is a word.
    pub(super) spaced_comments: &'static [&'static str],
    /// Begin a comment as the first thing of a line, in whatever case.
    pub(super) first_comments: &'static [&'static str],
    /// Comments that end with a mark of their own.
    pub(super) blocks: &'static [(&'static str, &'static str)],
    /// The longest opening mark comes first.
    pub(super) strings: &'static [Quote],
    /// At the end of a line it joins the next one.
    pub(super) continuation: Option<u8>,
    /// A long string that stands as a statement of its own is documentation.
    pub(super) docstrings: bool,
    /// The code is in the cells of a JSON document, and is Python.
    pub(super) notebook: bool,
}

impl Syntax {
    /// For each byte, whether anything of the above begins with it.
    pub(super) fn first_bytes(&self) -> [bool; 256] {
        let mut bytes = [false; 256];
        let marks = self.comments.iter().chain(self.spaced_comments).chain(self.first_comments).copied();
        let marks = marks.chain(self.blocks.iter().map(|(open, _)| *open));
        let marks = marks.chain(self.strings.iter().map(|quote| quote.open));
        for byte in marks.filter_map(|mark| mark.bytes().next()).chain(self.continuation) {
            bytes[usize::from(byte.to_ascii_lowercase())] = true;
            bytes[usize::from(byte.to_ascii_uppercase())] = true;
        }
        bytes
    }
}

/// How a kind of string is written.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Quote {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
    pub(super) escape: Escape,
    /// Whether a line may end within. One that may not ends there, so that a stray apostrophe does little harm.
    pub(super) lines: bool,
}

/// How the closing mark is written within a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Escape {
    None,
    After(u8),
    Doubled,
}

const fn quote(mark: &'static str, escape: Escape) -> Quote {
    Quote { open: mark, close: mark, escape, lines: false }
}

const fn long(open: &'static str, close: &'static str, escape: Escape) -> Quote {
    Quote { open, close, escape, lines: true }
}

const BACKSLASH: Escape = Escape::After(b'\\');
const C_BLOCK: &[(&str, &str)] = &[("/*", "*/")];

const EMPTY: Syntax = Syntax {
    comments: &[],
    spaced_comments: &[],
    first_comments: &[],
    blocks: &[],
    strings: &[],
    continuation: None,
    docstrings: false,
    notebook: false,
};

/// No comments and no strings.
pub(crate) const NOTHING: Syntax = EMPTY;

pub(crate) const CSHARP: Syntax = Syntax {
    comments: &["//"],
    blocks: &[("/*", "*/"), ("@*", "*@"), ("<!--", "-->")],
    strings: &[
        long("\"\"\"", "\"\"\"", Escape::None),
        long("@$\"", "\"", Escape::Doubled),
        long("@\"", "\"", Escape::Doubled),
        quote("\"", BACKSLASH),
        quote("'", BACKSLASH),
    ],
    ..EMPTY
};

pub(crate) const VBNET: Syntax = Syntax {
    comments: &["'"],
    first_comments: &["rem "],
    strings: &[quote("\"", Escape::Doubled)],
    continuation: Some(b'_'),
    ..EMPTY
};

pub(crate) const FSHARP: Syntax = Syntax {
    comments: &["//"],
    blocks: &[("(*", "*)")],
    strings: &[
        long("\"\"\"", "\"\"\"", Escape::None),
        long("@\"", "\"", Escape::Doubled),
        long("\"", "\"", BACKSLASH),
        // The apostrophe is part of names, so only the character that would open a string is one.
        quote("'\"", Escape::None),
    ],
    ..EMPTY
};

pub(crate) const JAVA: Syntax = Syntax {
    comments: &["//"],
    blocks: C_BLOCK,
    strings: &[long("\"\"\"", "\"\"\"", BACKSLASH), quote("\"", BACKSLASH), quote("'", BACKSLASH)],
    ..EMPTY
};

pub(crate) const GROOVY: Syntax = Syntax {
    comments: &["//"],
    blocks: C_BLOCK,
    strings: &[
        long("\"\"\"", "\"\"\"", BACKSLASH),
        long("'''", "'''", BACKSLASH),
        quote("\"", BACKSLASH),
        quote("'", BACKSLASH),
    ],
    continuation: Some(b'\\'),
    ..EMPTY
};

pub(crate) const JAVASCRIPT: Syntax = Syntax {
    comments: &["//"],
    blocks: &[("/*", "*/"), ("<!--", "-->")],
    strings: &[long("`", "`", BACKSLASH), quote("\"", BACKSLASH), quote("'", BACKSLASH)],
    ..EMPTY
};

pub(crate) const GO: Syntax = Syntax {
    comments: &["//"],
    blocks: C_BLOCK,
    strings: &[long("`", "`", Escape::None), quote("\"", BACKSLASH), quote("'", BACKSLASH)],
    ..EMPTY
};

pub(crate) const RUST: Syntax = Syntax {
    comments: &["//"],
    blocks: C_BLOCK,
    strings: &[
        long("r##\"", "\"##", Escape::None),
        long("r#\"", "\"#", Escape::None),
        long("r\"", "\"", Escape::None),
        Quote { open: "'\"", close: "'", escape: Escape::None, lines: false },
        long("\"", "\"", BACKSLASH),
    ],
    ..EMPTY
};

pub(crate) const PHP: Syntax = Syntax {
    comments: &["//"],
    spaced_comments: &["#"],
    blocks: &[("/*", "*/"), ("<!--", "-->")],
    strings: &[quote("\"", BACKSLASH), quote("'", BACKSLASH)],
    ..EMPTY
};

pub(crate) const PYTHON: Syntax = Syntax {
    comments: &["#"],
    strings: &[
        long("\"\"\"", "\"\"\"", BACKSLASH),
        long("'''", "'''", BACKSLASH),
        quote("\"", BACKSLASH),
        quote("'", BACKSLASH),
    ],
    continuation: Some(b'\\'),
    docstrings: true,
    ..EMPTY
};

pub(crate) const LISP: Syntax = Syntax { comments: &[";"], strings: &[long("\"", "\"", BACKSLASH)], ..EMPTY };

pub(crate) const LUA: Syntax = Syntax {
    comments: &["--"],
    blocks: &[("--[[", "]]")],
    strings: &[quote("\"", BACKSLASH), quote("'", BACKSLASH)],
    ..EMPTY
};

pub(crate) const NOTEBOOK: Syntax = Syntax { notebook: true, ..EMPTY };

pub(crate) const RUBY: Syntax = Syntax {
    spaced_comments: &["#"],
    blocks: &[("\n=begin", "\n=end")],
    strings: &[quote("\"", BACKSLASH), quote("'", BACKSLASH)],
    continuation: Some(b'\\'),
    ..EMPTY
};

pub(crate) const HASH: Syntax =
    Syntax { spaced_comments: &["#"], strings: &[quote("\"", BACKSLASH), quote("'", Escape::None)], ..EMPTY };

/// Shell and what has shell in it: Dockerfiles, makefiles, pipelines. The backquote joins lines in the PowerShell steps
/// of a pipeline, and is no string here: what it encloses in shell is code.
pub(crate) const SHELL: Syntax = Syntax {
    spaced_comments: &["#"],
    strings: &[quote("\"", BACKSLASH), quote("'", Escape::None)],
    continuation: Some(b'\\'),
    ..EMPTY
};

pub(crate) const BATCH: Syntax = Syntax { first_comments: &["rem ", "@rem ", "::"], continuation: Some(b'^'), ..EMPTY };

pub(crate) const POWERSHELL: Syntax = Syntax {
    spaced_comments: &["#"],
    blocks: &[("<#", "#>")],
    strings: &[
        long("@\"", "\n\"@", Escape::None),
        long("@'", "\n'@", Escape::None),
        quote("\"", Escape::After(b'`')),
        quote("'", Escape::Doubled),
    ],
    continuation: Some(b'`'),
    ..EMPTY
};

pub(crate) const JSON: Syntax =
    Syntax { comments: &["//"], blocks: C_BLOCK, strings: &[quote("\"", BACKSLASH)], ..EMPTY };

pub(crate) const INI: Syntax = Syntax { first_comments: &["#", ";", "!"], continuation: Some(b'\\'), ..EMPTY };

pub(crate) const XML: Syntax = Syntax { blocks: &[("<!--", "-->")], ..EMPTY };

pub(crate) const HTTP: Syntax = Syntax { first_comments: &["#", "//"], ..EMPTY };

pub(crate) const TERRAFORM: Syntax =
    Syntax { comments: &["//"], spaced_comments: &["#"], blocks: C_BLOCK, strings: &[quote("\"", BACKSLASH)], ..EMPTY };
