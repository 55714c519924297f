//! How a command fails: told as `error:`, `caused by:`, `hint:`, with exit code 1 or 2.

use std::process::ExitCode;

use owo_colors::OwoColorize;

use crate::output;

/// What ends a command early.
#[derive(Debug)]
pub(crate) struct Failure {
    error: anyhow::Error,
    hint: Option<String>,
    exit_code: u8,
}

impl Failure {
    /// The command did its work and the answer is no, or something broke: exit code 1.
    pub(crate) fn refusal(error: impl Into<anyhow::Error>) -> Self {
        Self { error: error.into(), hint: None, exit_code: 1 }
    }

    /// Wrong usage or bad input: exit code 2.
    pub(crate) fn bad_input(error: impl Into<anyhow::Error>) -> Self {
        Self { error: error.into(), hint: None, exit_code: 2 }
    }

    /// What to type next.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What to type next, if that is known.
    pub(crate) fn hint_if_any(self, hint: Option<impl Into<String>>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    /// Writes it to stderr and gives the exit code.
    pub(crate) fn tell(&self) -> ExitCode {
        let mut text = format!("{} {}\n", "error:".red().bold(), self.error);
        for cause in self.error.chain().skip(1) {
            text.push_str(&format!("{} {cause}\n", "caused by:".red()));
        }
        if let Some(hint) = &self.hint {
            text.push_str(&format!("\n{} {hint}\n", "hint:".cyan().bold()));
        }
        output::tell(&text);
        ExitCode::from(self.exit_code)
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::refusal(error)
    }
}
