//! The two ways out: data to stdout, human talk to stderr. Colours reach a terminal only, and never one that says `NO_COLOR`.

use std::io::Write;

use crate::failure::Failure;

/// Data, to stdout.
///
/// # Errors
/// When it cannot be written. A reader that has read enough (`| head`) is none.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::refusal(anyhow::Error::new(error).context("cannot write to stdout")))
        }
        _ => Ok(()),
    }
}

/// Human talk, to stderr. If nobody can hear it, the work goes on.
pub(crate) fn tell(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

/// JSON for programs, over several lines, to stdout.
pub(crate) fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let mut text = serde_json::to_string_pretty(value).map_err(|error| Failure::refusal(anyhow::Error::new(error)))?;
    text.push('\n');
    print(&text)
}
