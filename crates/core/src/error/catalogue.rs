//! THE table of AADSTS errors, sorted by number.

/// One error of Entra.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// The AADSTS number.
    pub code: u32,
    /// Microsoft's short name, for instance `InvalidUserNameOrPassword`.
    pub name: &'static str,
    /// `error` on the v2.0 endpoints.
    pub error: &'static str,
    /// `error` on the v1.0 endpoints.
    pub error_v1: &'static str,
    /// `suberror`, if the body has one.
    pub suberror: Option<&'static str>,
    /// HTTP status at the token endpoint.
    pub status: u16,
    /// Whether the body has `error_uri`.
    pub error_uri: bool,
    /// The text behind `AADSTSn: `, with `{placeholders}`.
    pub template: &'static str,
    /// Why it happens, in plain words.
    pub cause: &'static str,
    /// What to do, in plain words.
    pub remedy: &'static str,
    /// How sure we are of the row.
    pub confidence: Confidence,
    /// Where Entra shows it.
    pub source: &'static str,
    /// The requests that can raise it here; none means that `ropeway explain` knows it and nothing raises it.
    pub raised_by: &'static [RaisedBy],
}

/// How sure we are that Entra behaves as the row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confidence {
    /// A real body, header or message is on record.
    Captured,
    /// Microsoft documents it.
    Documented,
    /// Neither; weaker signals.
    Inferred,
}

/// A request that raises a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RaisedBy {
    /// `grant_type=password`.
    Password,
    /// `grant_type=client_credentials`.
    ClientCredentials,
    /// `grant_type=refresh_token`.
    RefreshToken,
    /// OpenID metadata, keys, instance discovery.
    Metadata,
}

/// The row of this number.
pub fn find(code: u32) -> Option<&'static Row> {
    ROWS.binary_search_by_key(&code, |row| row.code).ok().map(|index| &ROWS[index])
}

/// All rows, sorted by number.
pub fn rows() -> &'static [Row] {
    ROWS
}

/// What an error of our own looks like.
pub static TOKEN_ISSUANCE_ERROR: Row = Row {
    code: 50000,
    name: "TokenIssuanceError",
    error: "server_error",
    error_v1: "server_error",
    suberror: None,
    status: 500,
    error_uri: true,
    template: "There was an error issuing a token or an issue with our sign-in service.",
    cause: "Ropeway itself failed.",
    remedy: "Look at the server's log, and report it.",
    confidence: Confidence::Documented,
    source: "reference-error-codes",
    raised_by: &[],
};

static ROWS: &[Row] = &[];
