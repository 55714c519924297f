//! Where the password comes from. Its value is looked at here and never leaves.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{LazyLock, Mutex, PoisonError};

use regex::{Captures, Regex};

use crate::scan::finding::PasswordSource;
use crate::scan::language::{Language, NOTEBOOK};
use crate::scan::rules::{Rule, Scope};
use crate::scan::statement;

/// Where a password comes from, and where it stands if it stands in the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Password {
    pub(crate) source: PasswordSource,
    /// The offset of a literal.
    pub(crate) literal: Option<usize>,
}

/// Looks for the password of a match.
pub(crate) fn of(rule: &Rule, code: &str, language: &Language, captures: &Captures<'_>) -> Password {
    let Some(found) = captures.get(0) else { return UNKNOWN };
    let file = File { code, language };
    if let Some(password) = captures.name("password") {
        return file.classify(file.value(password.start()), DEPTH);
    }
    if let Some(argument) = rule.entry.password.as_ref().and_then(|password| password.argument) {
        let call = statement::call(code, found.range());
        let arguments = call.map(|call| statement::arguments(code, call)).unwrap_or_default();
        if let Some(argument) = arguments.into_iter().nth(argument) {
            return file.classify(argument, DEPTH);
        }
    }
    let call = statement::scope(code, found.range(), Scope::Call);
    let near = statement::near(code, found.range(), statement::NEAR);
    for scope in [call, near] {
        let own = rule.password_after.as_ref().map(|after| after.regex());
        for place in own.into_iter().chain([&*KEY, &*FLAG]) {
            if let Some(value) = file.beside(place, scope.clone()) {
                return file.classify(value, DEPTH);
            }
        }
    }
    file.assignment("password", found.start(), DEPTH).unwrap_or(UNKNOWN)
}

struct File<'c> {
    code: &'c str,
    language: &'c Language,
}

impl File<'_> {
    /// The first value in the scope that follows one of these words.
    fn beside(&self, place: &Regex, scope: Range<usize>) -> Option<Range<usize>> {
        let mut from = scope.start;
        while from < scope.end {
            let found = place.find(&self.code[from..scope.end])?;
            let at = from + found.end();
            // A comparison is no value.
            if !self.code[at..].starts_with(['=', '~']) {
                return Some(self.value(at));
            }
            from = at;
        }
        None
    }

    /// A notebook has lines as long as values have, and its words are code.
    fn bare_words_are_values(&self) -> bool {
        self.language.bare_words_are_values && self.language.name != NOTEBOOK
    }

    /// The expression or bare word that begins here.
    fn value(&self, at: usize) -> Range<usize> {
        let bare = self.bare_words_are_values() || self.inside_string(at);
        let first = self.code[at..].bytes().next();
        match (first, bare) {
            // `"…;Password=" + password`: the string ends here, and what is added to it is the value.
            (Some(b'"' | b'\''), true) if self.inside_string(at) => {
                let joined = self.code[at + 1..].trim_start_matches([' ', '+', '&', '.']);
                let start = self.code.len() - joined.len();
                statement::pieces(self.code, start, 400, |byte| matches!(byte, b',' | b';' | b'\n' | b'+'))
            }
            (Some(quote @ (b'"' | b'\'')), _) => {
                let rest = &self.code[at + 1..];
                let close = rest.bytes().position(|byte| byte == quote || byte == b'\n').unwrap_or(rest.len());
                // What follows the closing quote may be the rest of a concatenation.
                let line = rest[close..].find(['\n', ',', ';', ')', '}']).unwrap_or(rest.len() - close);
                at..at + 1 + close + line.max(1).min(rest.len() - close)
            }
            (_, true) => {
                let rest = &self.code[at..];
                let mut depth = 0usize;
                let ends = |c: char| {
                    match c {
                        '{' | '(' | '<' => depth += 1,
                        '}' | ')' | '>' if depth > 0 => depth -= 1,
                        _ => {}
                    }
                    depth == 0 && (c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | '&' | '`' | ']'))
                };
                at..at + rest.find(ends).unwrap_or(rest.len())
            }
            (_, false) if self.language.name == "powershell" => self.argument(at),
            (_, false) => statement::pieces(self.code, at, 400, |byte| matches!(byte, b',' | b';' | b'\n')),
        }
    }

    /// PowerShell's arguments: a variable, a bracket, else the rest of the command, which may be the arguments of a constructor.
    fn argument(&self, at: usize) -> Range<usize> {
        let rest = &self.code[at..];
        let ends = |c: char| !(c.is_alphanumeric() || matches!(c, '$' | '_' | ':' | '.'));
        match rest.bytes().next() {
            Some(b'$') => at..at + rest.find(ends).unwrap_or(rest.len()),
            Some(b'(') => at..(statement::pieces(self.code, at + 1, 400, |_| false).end + 1).min(self.code.len()),
            _ => statement::pieces(self.code, at, 400, |byte| matches!(byte, b';' | b'\n' | b'|')),
        }
    }

    /// Whether the line has an open quote before here, as in `"…;Password=` and `'grant_type=password&password=`.
    fn inside_string(&self, at: usize) -> bool {
        let line = self.code[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let mut open = None;
        for byte in self.code[line..at].bytes() {
            match (open, byte) {
                (Some(quote), byte) if quote == byte => open = None,
                (None, b'"' | b'\'' | b'`') => open = Some(byte),
                _ => {}
            }
        }
        open.is_some()
    }

    fn classify(&self, value: Range<usize>, depth: u8) -> Password {
        let start = value.start + self.code[value.clone()].len() - self.code[value.clone()].trim_start().len();
        let text = self.code[value].trim();
        let from = |source| Password { source, literal: None };
        let bare = self.bare_words_are_values() || self.inside_string(start);
        for (signs, source) in [
            (&*VAULT, PasswordSource::Vault),
            (&*PROMPT, PasswordSource::Prompt),
            (&*ENVIRONMENT, PasswordSource::Environment),
        ] {
            if signs.is_match(text) {
                return from(source);
            }
        }
        let constructed = CREDENTIAL.captures(text).and_then(|captures| captures.get(1));
        if let Some(inner) = constructed.filter(|_| depth > 0) {
            let at = start + inner.start();
            return self.classify(at..at + inner.len(), depth - 1);
        }
        if let Some(inner) = SECURE_STRING.captures(text).and_then(|captures| captures.get(1)) {
            let at = start + inner.start();
            return self.classify(at..at + inner.len(), depth);
        }
        if let Some(quoted) = QUOTED.captures(text).and_then(|captures| captures.get(2)) {
            return self.literal(quoted.as_str(), start);
        }
        if let Some(name) = VARIABLE.captures(text).and_then(|captures| captures.get(1)) {
            let shell = !matches!(self.language.name, "powershell" | "php" | "ruby" | "r");
            if let Some(password) = depth.checked_sub(1).and_then(|depth| self.assignment(name.as_str(), start, depth))
            {
                return password;
            }
            // A positional parameter is the caller's.
            let named = !name.as_str().starts_with(|c: char| c.is_ascii_digit());
            return from(if shell && named { PasswordSource::Environment } else { PasswordSource::Unknown });
        }
        if INTERPOLATED.is_match(text) {
            return UNKNOWN;
        }
        if bare {
            return self.literal(text, start);
        }
        if let Some(name) = NAME.captures(text).and_then(|captures| captures.get(1)) {
            let assigned = depth.checked_sub(1).and_then(|depth| self.assignment(name.as_str(), start, depth));
            if let Some(password) = assigned.filter(|password| *password != UNKNOWN) {
                return password;
            }
        }
        from(if CONFIGURATION.is_match(text) { PasswordSource::Configuration } else { PasswordSource::Unknown })
    }

    fn literal(&self, text: &str, at: usize) -> Password {
        if text.len() < 2 || PLACEHOLDER.is_match(text) {
            return UNKNOWN;
        }
        if INTERPOLATED.is_match(text) {
            return Password { source: PasswordSource::Environment, literal: None };
        }
        Password { source: PasswordSource::Literal, literal: Some(at) }
    }

    /// What the nearest assignment to a name before here says, else the first one after.
    fn assignment(&self, name: &str, before: usize, depth: u8) -> Option<Password> {
        let name = name.trim_start_matches('$');
        if name.is_empty() || name.len() > 60 {
            return None;
        }
        let place = assignment_to(name)?;
        let real = |at: &usize| !self.code[*at..].starts_with(['=', '>', '~', '\n', '\r']);
        let ends: Vec<usize> = place.find_iter(self.code).map(|found| found.end()).filter(real).collect();
        let nearest = ends.iter().rev().find(|end| **end < before).or_else(|| ends.first())?;
        // `password = password` says nothing and would go round.
        let value = self.value(*nearest);
        if self.code[value.clone()].trim().eq_ignore_ascii_case(name) {
            return None;
        }
        Some(self.classify(value, depth))
    }
}

/// Matches up to the value. It is kept: the names are few, and a pattern takes longer to compile than a file to search.
fn assignment_to(name: &str) -> Option<Regex> {
    static KEPT: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);
    let kept = || KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(place) = kept().get(name) {
        return Some(place.clone());
    }
    let pattern = format!(
        r#"(?mi)(?:^|[^\w.\-]|self\.|this\.|env:){}\b["']?\]?\s*(?::\s*[\w<>\[\]., ?]+\s*)?(?::=|<-|=|:)\s*"#,
        regex::escape(name)
    );
    let place = Regex::new(&pattern).ok()?;
    let mut kept = kept();
    if kept.len() == MOST_KEPT {
        kept.clear();
    }
    kept.insert(name.to_owned(), place.clone());
    Some(place)
}

/// How many names there may be.
const MOST_KEPT: usize = 32;

const UNKNOWN: Password = Password { source: PasswordSource::Unknown, literal: None };

/// How many assignments are followed.
const DEPTH: u8 = 3;

#[expect(clippy::expect_used, reason = "stated patterns")]
fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a stated pattern")
}

macro_rules! patterns {
    ($($name:ident = $text:expr;)*) => { $(static $name: LazyLock<Regex> = LazyLock::new(|| pattern($text));)* };
}

patterns! {
    KEY = r#"(?ix) (?: [({\[]\s*["'](?:user_?)?(?:password|passwd|pwd)["']\s*,
        | \b(?:user|aad|pbi|sql|db|azure|admin|master|svc|service|account|test|login)?[_-]?(?:password|passwd|pwd)["']?\]?\s*(?::=|=>|=|:)
        | \bPasswordCredential\s*= | \s-Credentials?\b ) \s*"#;
    FLAG = r"(?:\s|^)(?:-p|-P|--password|-Password)(?:\s+|=)";
    VAULT = r"(?i)key_?vault|\bvault|secret_?client|get_?secret|\bsecrets?\s*[.\[]|Get-(?:AzKeyVault)?Secret\b|Get-AutomationPSCredential|secretsmanager|secretmanager|withCredentials|credentials\(|keyring|Get-StoredCredential|SecretStore";
    PROMPT = r"(?i)getpass|\binput\s*\(|Read-Host|Get-Credential|Read_?Line|Read_?Password|\brpassword\b|\bread\s+-|\bprompt|PasswordBox|txt_?(?:pass|pwd)|ReadKey|askpass";
    ENVIRONMENT = r"(?i)process\.env|environ\b|getenv|Environment\.|\bENV\s*[.\[]|env::var|\$env:|%\w+%|\$\(\w+\)|\{\{|\benv\s*\(|Cypress\.env|__ENV\b|import\.meta\.env|\bvar\.\w|\$\{\{|ENV\.fetch|EnvironmentVariable|parameters\(|@pipeline\(|\bparams\.\w|postman|lookup\(";
    CONFIGURATION = r"(?i)conf(?:ig)?\b|config|settings|options|\bopts?\b|properties|appsettings|yaml|json|\bini\b";
    CREDENTIAL = r#"(?is)PSCredential["'\])]*(?:::new)?\s*(?:-ArgumentList)?\s*@?\(?\s*[^,]+,\s*(.+?)\)*$"#;
    SECURE_STRING = r#"(?i)ConvertTo-SecureString\s+(?:-String\s+)?(\$[\w:.]+|"[^"]*"|'[^']*')"#;
    QUOTED = r#"(?s)^(?:@|u|b|r|R|String\()?(["'`])(.*?)["'`]\)?(?:\.to_?(?:owned|string|array|chararray)\(\)|\.into\(\)|,)?$"#;
    VARIABLE = r#"^["']?\$\{?([A-Za-z_][\w.]*|\d)\}?["']?$"#;
    NAME = r"^[&*]?(?:await\s+)?(?:(?:self|this|[\w]+)(?:\.|->|::))*\$?([A-Za-z_]\w*)[!?]?$";
    INTERPOLATED = r"\$\{|\$\(|\{\{|#\{|%\(|\$[A-Za-z_]|^\{\w*\}$|%s|%v";
    PLACEHOLDER = r"(?i)^<.*>?$|^\[.*\]$|^\{.*\}$|^your|your[-_ ]?(?:pass|pwd|secret)|^\W+$|^x{3,}$|^(?:user_?)?(?:password|passwd|pwd)$|placeholder|^(?:enter|insert|replace|change).*(?:pass|pwd|me|here)|^\.{3}|^(?:null|none|nil|undefined|true|false)$|^#\{|__\w+__|redacted|^\*+|^todo$";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(file: &str, code: &str) -> PasswordSource {
        let language = Language::of(std::path::Path::new(file)).unwrap();
        let file = File { code, language };
        let value = file.beside(&KEY, 0..code.len()).or_else(|| file.beside(&FLAG, 0..code.len())).unwrap();
        let password = file.classify(value, DEPTH);
        assert_eq!(password.literal.is_some(), password.source == PasswordSource::Literal);
        password.source
    }

    #[test]
    fn the_source_of_a_password_is_told() {
        use PasswordSource::{Configuration, Environment, Literal, Prompt, Unknown, Vault};
        for (file, code, expected) in [
            ("a.py", "f(password='Summit-2042')", Literal),
            ("a.py", "pw = 'Summit-2042'\nf(password=pw)", Literal),
            ("a.py", "f(password=os.environ['PW'])", Environment),
            ("a.py", "pw = getpass.getpass()\nf(password=pw)", Prompt),
            ("a.py", "f(password=client.get_secret('x').value)", Vault),
            ("a.py", "def f(pw):\n  g(password=pw)", Unknown),
            ("a.py", "f(password='<your password>')", Unknown),
            ("a.py", "f(password=config['pw'])", Configuration),
            ("a.cs", "new() { { \"password\", \"Summit-2042\" } }", Literal),
            ("a.cs", "var c = \"Server=x;Password=Summit-2042;UID=y\";", Literal),
            ("a.cs", "var c = \"Server=x;Password=\" + pw;", Unknown),
            ("a.js", "const b = { password: process.env.PW }", Environment),
            ("a.js", "const b = { password: `${pw}` }", Environment),
            ("a.sh", "az login -u a -p \"$PW\"", Environment),
            ("a.sh", "PW=Summit-2042\naz login -u a -p $PW", Literal),
            ("a.sh", "read -s PW\naz login -u a -p $1", Unknown),
            ("a.sh", "az login -u a -p Summit-2042", Literal),
            ("a.yml", "x: az login -u a -p ${{ secrets.PW }}", Vault),
            ("a.yml", "x: az login -u a -p $(PW)", Environment),
            ("a.ps1", "$c = Get-Credential\nX -Credential $c", Prompt),
            (
                "a.ps1",
                "$p = Read-Host -AsSecureString\n$c = New-Object System.Management.Automation.PSCredential -ArgumentList $u, $p\nX -Credential $c -Y",
                Prompt,
            ),
            (
                "a.ps1",
                "$p = ConvertTo-SecureString 'Summit-2042' -AsPlainText -Force\n$c = [PSCredential]::new('u', $p)\nX -Credential $c",
                Literal,
            ),
            ("a.env", "AZURE_PASSWORD=Summit-2042", Literal),
            ("a.env", "AZURE_PASSWORD=", Unknown),
            ("a.json", "{\"password\": \"Summit-2042\"}", Literal),
            ("a.json", "{\"password\": \"{{pw}}\"}", Environment),
        ] {
            assert_eq!(source(file, code), expected, "{code}");
        }
    }
}
