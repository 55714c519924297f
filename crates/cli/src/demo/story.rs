//! The story as it is told: lines of at most 100 columns, and the count of what went otherwise than expected.

use std::process::ExitCode;

use owo_colors::OwoColorize;

use crate::failure::Failure;
use crate::output;

/// What was told and not yet printed, and how it went.
#[derive(Debug, Default)]
pub(crate) struct Story {
    text: String,
    chapters: u32,
    compared: u32,
    otherwise: u32,
}

impl Story {
    /// Begins a chapter.
    pub(crate) fn chapter(&mut self, title: &str) {
        self.chapters += 1;
        let title = format!("{}  {title}", self.chapters);
        self.text.push_str(&format!("\n{}\n", title.bold()));
    }

    /// A line as it is, set in by three columns.
    pub(crate) fn line(&mut self, line: &str) {
        self.text.push_str(&format!("   {line}\n"));
    }

    /// A paragraph, wrapped; its first line begins with `label`, the others below the text behind it.
    pub(crate) fn paragraph(&mut self, label: &str, paragraph: &str) {
        let margin = 3 + label.chars().count();
        let mut column = margin;
        self.text.push_str(&format!("   {}", label.bold()));
        for (index, word) in paragraph.split(' ').enumerate() {
            let width = word.chars().count();
            if index > 0 && column + 1 + width > WIDTH {
                self.text.push_str(&format!("\n{}", " ".repeat(margin)));
                column = margin;
            } else if index > 0 {
                self.text.push(' ');
                column += 1;
            }
            self.text.push_str(word);
            column += width;
        }
        self.text.push('\n');
    }

    /// Text that has its own layout.
    pub(crate) fn block(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Holds what was found against what the sample says, and tells when it is otherwise.
    pub(crate) fn compare(&mut self, what: &str, expected: &str, found: &str) {
        self.compared += 1;
        if expected != found {
            self.otherwise += 1;
            let line = format!("✗ {what}: found {found}, where the sample says {expected}");
            self.text.push_str(&format!("   {}\n", line.red().bold()));
        }
    }

    /// Prints what was told so far.
    pub(crate) fn show(&mut self) -> Result<(), Failure> {
        output::print(&std::mem::take(&mut self.text))
    }

    /// The last line: whether all went as the sample says.
    pub(crate) fn conclude(&mut self) {
        let line = match self.otherwise {
            0 => format!("{} all {} steps went as the sample's table says", "✓".green(), self.compared),
            otherwise => {
                format!("✗ {otherwise} of {} steps went otherwise than the sample's table says", self.compared)
                    .red()
                    .to_string()
            }
        };
        self.text.push_str(&format!("\n{line}\n"));
    }

    /// 0, or 1 when a step went otherwise.
    pub(crate) fn exit_code(&self) -> ExitCode {
        if self.otherwise == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    /// What was told and not yet printed, without colours.
    #[cfg(test)]
    pub(crate) fn text(&self) -> String {
        anstream::adapter::strip_str(&self.text).to_string()
    }
}

const WIDTH: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_goes_otherwise_is_told_and_makes_the_exit_code_1() {
        let mut story = Story::default();
        story.compare("cloud@alpine.test", "tokens", "tokens");
        assert_eq!(story.exit_code(), ExitCode::SUCCESS);
        assert_eq!(story.text(), "");

        story.compare("mfa@alpine.test", "AADSTS50076", "tokens");

        assert_eq!(story.exit_code(), ExitCode::FAILURE);
        assert!(story.text().contains("✗ mfa@alpine.test: found tokens, where the sample says AADSTS50076"));
        story.conclude();
        assert!(story.text().contains("✗ 1 of 2 steps went otherwise"));
    }

    #[test]
    fn a_paragraph_is_wrapped_behind_its_label() {
        let mut story = Story::default();
        story.paragraph("50126  ", &"eight ch ".repeat(20));
        for (index, line) in story.text().lines().enumerate() {
            let line = anstream::adapter::strip_str(line).to_string();
            assert!(line.chars().count() <= WIDTH, "{line}");
            assert!(line.starts_with(if index == 0 { "   50126  eight" } else { "          " }), "{line}");
        }
    }
}
