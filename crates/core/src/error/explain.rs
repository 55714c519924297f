//! A row of the catalogue as text for a person: `ropeway explain CODE`, and the answer of `error_uri`.

use super::catalogue::{self, Confidence, Delivery, RaisedBy, Row};

/// What the catalogue knows about a row, as plain text of at most 100 columns, ending in a line break.
pub fn explain(row: &Row) -> String {
    let mut text = heading(row);
    text.push('\n');
    wrap(&mut text, "", row.template);
    text.push('\n');
    wrap(&mut text, "Where", where_shown(row.delivery));
    for line in answers(row) {
        wrap(&mut text, "Answer", &line);
    }
    wrap(&mut text, "Why", row.cause);
    wrap(&mut text, "What to do", row.remedy);
    wrap(&mut text, "How sure", &format!("{}: {}", how_sure(row.confidence), row.source));
    wrap(&mut text, "In Ropeway", &raised_here(row.raised_by));
    text
}

/// Reads a code as people write it: `50076`, `AADSTS50076` in any case, or the beginning of a whole error message
/// (`AADSTS50076: Due to …`).
pub fn parse_code(text: &str) -> Option<u32> {
    const PREFIX: &str = "AADSTS";
    let text = text.trim();
    let digits = match text.get(..PREFIX.len()) {
        Some(start) if start.eq_ignore_ascii_case(PREFIX) => {
            let rest = &text[PREFIX.len()..];
            rest.split_once(':').map_or(rest, |(digits, _)| digits)
        }
        _ => text,
    };
    // `parse` alone would take a sign.
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

/// The rows whose numbers look most like this one, best first; at most five, none if nothing is near.
pub fn nearest(code: u32) -> Vec<&'static Row> {
    const MOST: usize = 5;
    const FARTHEST: usize = 2;
    let typed = code.to_string();
    let mut near: Vec<_> = catalogue::rows()
        .iter()
        .map(|row| (typing_distance(&typed, &row.code.to_string()), row.code.abs_diff(code), row))
        .filter(|(distance, ..)| *distance <= FARTHEST)
        .collect();
    near.sort_by_key(|(distance, apart, row)| (*distance, *apart, row.code));
    near.into_iter().map(|(.., row)| row).take(MOST).collect()
}

fn heading(row: &Row) -> String {
    if row.name.is_empty() { format!("AADSTS{}\n", row.code) } else { format!("AADSTS{}  {}\n", row.code, row.name) }
}

fn where_shown(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Json => "in the JSON answer",
        Delivery::Redirect => "in the redirect from the authorize endpoint to the application",
        Delivery::Page => "on the platform's page; the application does not see it",
        Delivery::WsTrustFault => "in the SOAP fault of a WS-Trust endpoint",
    }
}

/// What the two generations of endpoints answer, in one line if they agree.
fn answers(row: &Row) -> Vec<String> {
    let members = |error: &str, suberror: Option<&str>| match suberror {
        Some(suberror) => format!("error {error}, suberror {suberror}"),
        None => format!("error {error}"),
    };
    let v1 = members(row.error_v1, row.suberror_v1);
    let v2 = members(row.error, row.suberror);
    match row.delivery {
        Delivery::Page | Delivery::WsTrustFault => Vec::new(),
        Delivery::Redirect => vec![v2],
        Delivery::Json => {
            let status = row.status;
            let error_uri = if row.error_uri { "with error_uri" } else { "without error_uri" };
            let mut lines = if v1 == v2 {
                vec![format!("HTTP {status}, {v2}, {error_uri} (v2.0 and v1.0)")]
            } else {
                vec![
                    format!("v2.0: HTTP {status}, {v2}, {error_uri}"),
                    format!("v1.0: HTTP {status}, {v1}, {error_uri}"),
                ]
            };
            lines.extend(row.error_at_metadata.map(|error| format!("metadata: HTTP {status}, error {error}")));
            lines
        }
    }
}

fn how_sure(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Captured => "captured",
        Confidence::Documented => "documented",
        Confidence::Inferred => "inferred",
    }
}

fn raised_here(raised_by: &[RaisedBy]) -> String {
    if raised_by.is_empty() {
        return "nothing raises it; it is only explained".to_owned();
    }
    let requests: Vec<_> = raised_by
        .iter()
        .map(|request| match request {
            RaisedBy::UnknownGrant => "a token request before its grant is known",
            RaisedBy::Password => "grant_type=password",
            RaisedBy::ClientCredentials => "grant_type=client_credentials",
            RaisedBy::RefreshToken => "grant_type=refresh_token",
            RaisedBy::AuthorizationCode => "grant_type=authorization_code",
            RaisedBy::DeviceCode => "grant_type=device_code",
            RaisedBy::DeviceAuthorization => "the device code endpoint",
            RaisedBy::Authorize => "the authorize endpoint and its pages",
            RaisedBy::Metadata => "metadata and instance discovery",
        })
        .collect();
    format!("raised by {}", requests.join(", "))
}

/// Appends a paragraph; its label stands in the margin, or there is no margin.
fn wrap(text: &mut String, label: &str, paragraph: &str) {
    const WIDTH: usize = 100;
    const MARGIN: usize = 12;
    let margin = if label.is_empty() { 0 } else { MARGIN };
    text.push_str(&format!("{label:margin$}"));
    let mut column = margin;
    for (index, word) in paragraph.split(' ').enumerate() {
        let width = word.chars().count();
        if index > 0 {
            if column + 1 + width > WIDTH {
                text.push('\n');
                text.push_str(&" ".repeat(margin));
                column = margin;
            } else {
                text.push(' ');
                column += 1;
            }
        }
        text.push_str(word);
        column += width;
    }
    text.push('\n');
}

/// Insertions, deletions, replacements and swaps of neighbours between two short texts (optimal string alignment).
fn typing_distance(typed: &str, known: &str) -> usize {
    let (typed, known) = (typed.as_bytes(), known.as_bytes());
    let mut distances = vec![vec![0; known.len() + 1]; typed.len() + 1];
    for i in 0..=typed.len() {
        for j in 0..=known.len() {
            distances[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = distances[i - 1][j - 1] + usize::from(typed[i - 1] != known[j - 1]);
                let best = replaced.min(distances[i - 1][j] + 1).min(distances[i][j - 1] + 1);
                let swapped = i > 1 && j > 1 && typed[i - 1] == known[j - 2] && typed[i - 2] == known[j - 1];
                if swapped { best.min(distances[i - 2][j - 2] + 1) } else { best }
            };
        }
    }
    distances[typed.len()][known.len()]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a row that is missing fails the test")]

    use insta::assert_snapshot;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_row_is_told_to_a_person() {
        assert_snapshot!(explain(catalogue::find(50076).unwrap()), @"
        AADSTS50076  UserStrongAuthClientAuthNRequired

        Due to a configuration change made by your administrator, or because you moved to a new location,
        you must use multi-factor authentication to access '{resource}'.

        Where       in the JSON answer
        Answer      v2.0: HTTP 400, error invalid_grant, suberror basic_action, with error_uri
        Answer      v1.0: HTTP 400, error interaction_required, suberror basic_action, with error_uri
        Why         The password is right and a second factor is required: per-user MFA, a Conditional
                    Access policy (then the body has claims) or security defaults. A request with a password
                    alone cannot bring it.
        What to do  Sign in interactively (authorization code or device code), sending claims along if the
                    answer had them. For a test user without a second factor: no perUserMfaState, and
                    excluded from the policy.
        How sure    captured: bodies of 2023-11 and 2024-03; msal-go#398, msal-js#5491 (claims)
        In Ropeway  raised by grant_type=password, grant_type=refresh_token, grant_type=authorization_code,
                    grant_type=device_code, the authorize endpoint and its pages
        ");
    }

    #[test]
    fn a_row_with_another_error_at_metadata_says_so() {
        assert_snapshot!(explain(catalogue::find(90002).unwrap()), @"
        AADSTS90002  InvalidTenantName

        Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into
        the correct cloud. Check with your subscription administrator, this may happen if there are no
        active subscriptions for the tenant.

        Where       in the JSON answer
        Answer      HTTP 400, error invalid_request, with error_uri (v2.0 and v1.0)
        Answer      metadata: HTTP 400, error invalid_tenant
        Why         The path names a tenant that does not exist.
        What to do  Check the tenant id or domain in the path. In Ropeway: the id, or a name in
                    verifiedDomains, of a tenant in the tenant file; `ropeway tenant show` lists them.
        How sure    captured: recordings of 2021-05 (token) and 2021-08 (metadata); text of 2023
        In Ropeway  raised by a token request before its grant is known, the device code endpoint, the
                    authorize endpoint and its pages, metadata and instance discovery
        ");
    }

    #[test]
    fn a_row_of_a_page_promises_no_json() {
        assert_snapshot!(explain(catalogue::find(50011).unwrap()), @"
        AADSTS50011  InvalidReplyTo

        The redirect URI '{redirectUri}' specified in the request does not match the redirect URIs
        configured for the application '{appId}'. Make sure the redirect URI sent in the request matches one
        added to your application in the Azure portal. Navigate to https://aka.ms/redirectUriMismatchError
        to learn more about how to fix this.

        Where       on the platform's page; the application does not see it
        Why         redirect_uri is not registered, letter by letter: scheme, port, path, case and trailing
                    slash count.
        What to do  Register it under Authentication. In a tenant file: web, spa or publicClient
                    redirectUris.
        How sure    captured: public reports (text), 2022 to 2026
        In Ropeway  raised by the authorize endpoint and its pages
        ");
    }

    #[test]
    fn every_row_is_told_in_lines_that_fit() {
        for row in catalogue::rows() {
            let text = explain(row);

            assert!(text.lines().all(|line| line.chars().count() <= 100 && line.trim_end() == line), "{text}");
        }
    }

    #[test]
    fn a_code_is_read_as_people_write_it() {
        let cases = [
            ("50076", Some(50076)),
            ("AADSTS50076", Some(50076)),
            ("aadsts50076", Some(50076)),
            (" AADSTS50076 ", Some(50076)),
            ("AADSTS50076: Due to a configuration change", Some(50076)),
            ("+50076", None),
            ("50076x", None),
            ("AADSTS", None),
            ("AADST50076", None),
            ("99999999999", None),
            ("", None),
        ];
        for (text, code) in cases {
            assert_eq!(parse_code(text), code, "{text:?}");
        }
    }

    #[test]
    fn a_mistyped_number_has_neighbours_and_a_strange_one_has_none() {
        let near = |code| nearest(code).iter().map(|row| row.code).collect::<Vec<_>>();

        assert_eq!(near(50067), [50068, 50064, 50061, 50076, 50057]);
        assert!(near(50216).contains(&50126), "two digits swapped");
        assert!(near(700215).contains(&7000215), "a digit left out");
        assert_eq!(near(123_456_789), [0; 0]);
    }

    proptest! {
        #[test]
        fn any_text_can_be_read_as_a_code(text in any::<String>()) {
            if let Some(code) = parse_code(&text) {
                prop_assert!(text.contains(|c: char| c.is_ascii_digit()));
                nearest(code);
            }
        }

        #[test]
        fn a_number_is_read_back(code in any::<u32>()) {
            prop_assert_eq!(parse_code(&format!("AADSTS{code}")), Some(code));
        }
    }
}
