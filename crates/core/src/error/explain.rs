//! A row of the catalogue as text for a person: `ropeway explain CODE`, and the page behind `error_uri`.
