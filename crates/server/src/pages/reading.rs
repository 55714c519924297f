//! What a script reads off a page of ours: the test library and `ropeway matrix` sign in as a person would, by the fields
//! and marks that the templates promise. It stands beside them, because both change together.

/// A page as far as a script needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadPage {
    /// `data-testid` of the page: `page-password` and so on.
    pub testid: String,
    /// Where its form goes; empty without a form.
    pub action: String,
    /// The form's hidden fields.
    pub hidden: Vec<(String, String)>,
    /// The AADSTS number that it shows, in a notice or as a refusal.
    pub code: Option<u32>,
    /// The secret that an enrolment page offers.
    pub secret: Option<String>,
    /// The session buttons of the account picker: sign-in name and value.
    pub accounts: Vec<(String, String)>,
}

impl ReadPage {
    /// Reads a page. What is not there stays empty.
    pub fn of(html: &str) -> Self {
        let mut page = Self::default();
        for tag in tags(html) {
            let attribute = |name: &str| attribute(tag, name);
            match tag.split([' ', '>', '/']).next() {
                Some("main") => page.testid = attribute("data-testid").unwrap_or_default(),
                Some("form") if page.action.is_empty() => page.action = attribute("action").unwrap_or_default(),
                Some("input") if attribute("type").as_deref() == Some("hidden") => {
                    page.hidden.extend(attribute("name").zip(attribute("value")));
                }
                Some("button") if attribute("name").as_deref() == Some("session") => {
                    page.accounts.extend(attribute("data-account").zip(attribute("value")));
                }
                _ => {}
            }
            page.code = page.code.or_else(|| attribute("data-code")?.parse().ok());
        }
        let secret = html.split_once("data-testid=\"enrolment-secret\">").and_then(|(_, rest)| rest.split_once('<'));
        page.secret = secret.map(|(secret, _)| secret.to_owned());
        page
    }
}

/// The insides of the tags, in order.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag)
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(unescaped(value))
}

/// The references that our templates write.
fn unescaped(text: &str) -> String {
    let named = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    named.iter().fold(text.to_owned(), |text, (reference, character)| text.replace(reference, character))
}

#[cfg(test)]
mod tests {
    use ropeway_core::error::render::PageError;
    use uuid::Uuid;

    use super::*;
    use crate::pages::{AccountTile, ChooseAccountPage, FormPostPage, RefusalPage, Shell};
    use crate::signin::Notice;
    use askama::Template;

    fn shell() -> Shell {
        Shell {
            tenant: "Alpine <b>".to_owned(),
            application: "\"><script>alert(1)</script>".to_owned(),
            action: "/t/login".to_owned(),
            ctx: "key".to_owned(),
            flow_token: 7,
            notice: Some(Notice { code: 50126, text: "No & no".to_owned() }),
            who: None,
        }
    }

    #[test]
    fn what_a_template_writes_reads_back() {
        let state = "a\"b'c<d>&amp;e";
        let parameters = vec![("state", state.to_owned())];
        let html = FormPostPage { action: "https://app.test/cb?a=1&b=2".to_owned(), parameters }.render();
        let page = ReadPage::of(&html.unwrap_or_default());
        assert_eq!(page.action, "https://app.test/cb?a=1&b=2");
        assert_eq!(page.hidden, [("state".to_owned(), state.to_owned())]);
        assert_eq!(page.testid, "page-form-post");
    }

    #[test]
    fn names_and_texts_cannot_leave_their_place() {
        let tile = AccountTile { session: "s".to_owned(), name: "<i>".to_owned(), sign_in_name: "a@b".to_owned() };
        let html = ChooseAccountPage { shell: shell(), accounts: vec![tile] }.render().unwrap_or_default();
        assert!(!html.contains("<script>") && !html.contains("<i>") && !html.contains("<b>"), "{html}");
        let page = ReadPage::of(&html);
        assert_eq!(page.accounts, [("a@b".to_owned(), "s".to_owned())]);
        assert_eq!((page.code, page.hidden.len()), (Some(50126), 2));
    }

    #[test]
    fn a_refusal_shows_its_number() {
        let error = PageError {
            code: 50105,
            message: "AADSTS50105: <no>".to_owned(),
            cause: "",
            remedy: "",
            request_id: Uuid::nil(),
            correlation_id: Uuid::nil(),
            timestamp: String::new(),
        };
        let page = ReadPage::of(&RefusalPage { shell: None, error }.render().unwrap_or_default());
        assert_eq!((page.code, page.testid.as_str()), (Some(50105), "page-refusal"));
    }
}
