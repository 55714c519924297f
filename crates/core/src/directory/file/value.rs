use std::net::IpAddr;

use base64::Engine as _;
use uuid::Uuid;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::fault::Place;
use super::shape::{Kind, Shape};
use crate::directory::{AuthenticationContext, Password};
use crate::ids::parse_guid;
use crate::oauth::redirect_uri;
use crate::secret::Secret;
use crate::time::TenantTime;

/// A value of the file after the check: it is what its [`Shape`] says.
#[derive(Debug)]
pub(super) enum Value {
    Flag(bool),
    Number(i64),
    /// Also a [`Shape::Reference`] and a [`Shape::Permission`], as they were written.
    Text(String),
    Word(&'static str),
    Guid(Uuid),
    Moment(TenantTime),
    Seconds(i64),
    Secret(Secret),
    Password(Password),
    Network(IpAddr, u8),
    Der(Vec<u8>),
    List(Vec<Located>),
    Object(Object),
}

/// A value with its place and path, for what is found wrong after the check.
#[derive(Debug)]
pub(super) struct Located {
    pub(super) place: Place,
    pub(super) path: String,
    pub(super) value: Value,
}

/// An object after the check. A property that is absent here was left out, was null, or its fault is told already.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) kind: &'static Kind,
    pub(super) place: Place,
    pub(super) path: String,
    pub(super) fields: Vec<(&'static str, Located)>,
    /// Properties that were written, but not as they must be: the fault is told.
    pub(super) faulty: Vec<&'static str>,
    /// It says something that is not supported, and may be loaded switched off.
    pub(super) must_be_off: bool,
}

impl Object {
    /// The property as it was written, if it was.
    pub(super) fn field(&self, name: &'static str) -> Option<&Located> {
        debug_assert!(self.kind.property(name).is_some(), "{} has no {name} in the table", self.kind.name);
        self.fields.iter().find(|(field, _)| *field == name).map(|(_, located)| located)
    }

    /// Whether the property was neither written nor is its fault told.
    pub(super) fn lacks(&self, name: &'static str) -> bool {
        self.field(name).is_none() && !self.faulty.contains(&name)
    }

    pub(super) fn flag(&self, name: &'static str) -> Option<bool> {
        match self.field(name)?.value {
            Value::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    pub(super) fn number(&self, name: &'static str) -> Option<i64> {
        match self.field(name)?.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    pub(super) fn text(&self, name: &'static str) -> Option<&str> {
        match &self.field(name)?.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn owned(&self, name: &'static str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    pub(super) fn word(&self, name: &'static str) -> Option<&'static str> {
        match self.field(name)?.value {
            Value::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(super) fn guid(&self, name: &'static str) -> Option<Uuid> {
        match self.field(name)?.value {
            Value::Guid(guid) => Some(guid),
            _ => None,
        }
    }

    pub(super) fn moment(&self, name: &'static str) -> Option<TenantTime> {
        match self.field(name)?.value {
            Value::Moment(moment) => Some(moment),
            _ => None,
        }
    }

    pub(super) fn seconds(&self, name: &'static str) -> Option<i64> {
        match self.field(name)?.value {
            Value::Seconds(seconds) => Some(seconds),
            _ => None,
        }
    }

    pub(super) fn secret(&self, name: &'static str) -> Option<&Secret> {
        match &self.field(name)?.value {
            Value::Secret(secret) => Some(secret),
            _ => None,
        }
    }

    pub(super) fn password(&self, name: &'static str) -> Option<&Password> {
        match &self.field(name)?.value {
            Value::Password(password) => Some(password),
            _ => None,
        }
    }

    pub(super) fn object(&self, name: &'static str) -> Option<&Object> {
        match &self.field(name)?.value {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The elements of a list; none where it was left out.
    pub(super) fn list(&self, name: &'static str) -> &[Located] {
        match self.field(name).map(|located| &located.value) {
            Some(Value::List(list)) => list,
            _ => &[],
        }
    }

    /// The objects of a list; none where it was left out.
    pub(super) fn objects(&self, name: &'static str) -> impl Iterator<Item = &Object> {
        self.list(name).iter().filter_map(|located| match &located.value {
            Value::Object(object) => Some(object),
            _ => None,
        })
    }

    /// The words of a list; none where it was left out.
    pub(super) fn words(&self, name: &'static str) -> impl Iterator<Item = &'static str> {
        self.list(name).iter().filter_map(|located| match located.value {
            Value::Word(word) => Some(word),
            _ => None,
        })
    }
}

/// Reads text as this shape, or says what would be right. Shapes that are no text are the check's business.
pub(super) fn read_text(shape: Shape, text: &str) -> Result<Value, String> {
    let expected = |what: &str| Err(format!("expected {what}"));
    match shape {
        Shape::Text | Shape::Reference | Shape::Permission | Shape::References => {
            if text.is_empty() {
                expected("text, or no such key at all")
            } else {
                Ok(Value::Text(text.to_owned()))
            }
        }
        Shape::Guid => match parse_guid(text) {
            Ok(guid) => Ok(Value::Guid(guid)),
            Err(_) => expected("a GUID of 8-4-4-4-12 hexadecimal digits"),
        },
        Shape::Moment => match TenantTime::parse_rfc3339(text) {
            Some(moment) => Ok(Value::Moment(moment)),
            None => expected("a date and time such as 2026-11-25T08:00:00Z"),
        },
        Shape::Duration => match duration(text) {
            Some(seconds) => Ok(Value::Seconds(seconds)),
            None => expected("an ISO 8601 duration such as P91D, PT1H30M or -PT5M"),
        },
        Shape::Secret => secret(text).map(Value::Secret),
        Shape::Password => password(text).map(Value::Password),
        Shape::Base32 => secret(text).and_then(|_| base32(text)).map(Value::Secret),
        Shape::Certificate => match certificate(text) {
            Some(der) => Ok(Value::Der(der)),
            None => expected("an X.509 certificate: DER in base64, or PEM"),
        },
        Shape::Cidr => match cidr(text) {
            Some((address, prefix)) => Ok(Value::Network(address, prefix)),
            None => expected("an address range such as 192.0.2.0/24 or 2001:db8::/32"),
        },
        Shape::Uri => match url::Url::parse(text) {
            Ok(_) => Ok(Value::Text(text.to_owned())),
            Err(_) => expected("an absolute URI such as https://app.example/ or api://app.example"),
        },
        Shape::WebUri => match url::Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "https" | "http") => Ok(Value::Text(text.to_owned())),
            _ => expected("an address of a web page such as https://app.example/signed-out"),
        },
        Shape::RedirectUri => match url::Url::parse(text) {
            Ok(url) if redirect_uri::may_be_registered(&url) => Ok(Value::Text(text.to_owned())),
            Ok(url) if url.scheme() == "http" => {
                expected("https, or http://localhost or http://127.0.0.1 for what runs on the person's own machine")
            }
            _ => {
                expected("an absolute URI such as https://app.example/signin-oidc or http://localhost:5003/signin-oidc")
            }
        },
        Shape::AuthenticationContext => match AuthenticationContext::of_tenant(text) {
            Some(context) => Ok(Value::Text(context.to_string())),
            None => expected("an authentication context, c1 to c99"),
        },
        Shape::Domain if is_domain(text) => Ok(Value::Text(text.to_lowercase())),
        Shape::Domain => expected("a domain name such as alpine.test"),
        Shape::UserName => match text.rsplit_once('@') {
            Some((name, domain)) if is_local_part(name) && is_domain(domain) => Ok(Value::Text(text.to_owned())),
            _ => expected("a name such as user@alpine.test"),
        },
        Shape::Flag => match text {
            "true" | "false" => Err(format!("write {text} without quotes")),
            _ => expected("true or false"),
        },
        Shape::Number(..) if text.parse::<i64>().is_ok() => Err(format!("write {text} without quotes")),
        Shape::Number(lowest, highest) => expected(&format!("a whole number from {lowest} to {highest}")),
        Shape::List(_) => expected("a list: [ … ]"),
        Shape::Object(kind) => expected(&format!("{}: {{ … }}", kind.spoken)),
        Shape::Word(known, _) | Shape::Words(known) => expected(&format!("one of {}", known.join(", "))),
    }
}

fn is_domain(text: &str) -> bool {
    let label_is_right = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label_is_right)
}

fn is_local_part(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '@')
}

fn certificate(text: &str) -> Option<Vec<u8>> {
    let base64: String =
        text.lines().filter(|line| !line.starts_with("-----")).flat_map(str::split_whitespace).collect();
    let der = base64::engine::general_purpose::STANDARD.decode(base64).ok()?;
    let (rest, _) = X509Certificate::from_der(&der).ok()?;
    rest.is_empty().then_some(der)
}

/// `[-]P[nD][T[nH][nM][nS]]` or `[-]PnW`. Years and months have no fixed length and are refused.
fn duration(text: &str) -> Option<i64> {
    let (sign, rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let rest = rest.strip_prefix('P')?;
    let (days, time) = match rest.split_once('T') {
        Some((_, "")) => return None,
        Some((days, time)) => (days, time),
        None => (rest, ""),
    };
    if days.is_empty() && time.is_empty() {
        return None;
    }
    let seconds = units(days, &[('W', 604_800), ('D', 86_400)])?
        .checked_add(units(time, &[('H', 3_600), ('M', 60), ('S', 1)])?)?;
    // A thousand years are enough, and keep every later sum in range.
    (seconds <= 31_557_600_000).then_some(sign * seconds)
}

fn units(mut text: &str, units: &[(char, i64)]) -> Option<i64> {
    let mut sum: i64 = 0;
    for (letter, seconds) in units {
        let Some((digits, rest)) = text.split_once(*letter) else { continue };
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        sum = sum.checked_add(digits.parse::<i64>().ok()?.checked_mul(*seconds)?)?;
        text = rest;
    }
    text.is_empty().then_some(sum)
}

fn cidr(text: &str) -> Option<(IpAddr, u8)> {
    let (address, prefix) = text.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    if prefix.is_empty() || prefix.len() > 3 || !prefix.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let prefix: u8 = prefix.parse().ok()?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    (prefix <= longest).then_some((address, prefix))
}

fn secret(text: &str) -> Result<Secret, String> {
    match text {
        "" => Err("expected text, or { env: NAME }".to_owned()),
        REDACTED => {
            Err(format!("{REDACTED} is what `ropeway tenant show` prints in place of a secret; write the secret"))
        }
        _ => Ok(Secret::new(text)),
    }
}

fn password(text: &str) -> Result<Password, String> {
    let secret = secret(text)?;
    if text.starts_with("$argon2") {
        return match is_argon2id(text) {
            true => Ok(Password::Phc(secret)),
            false => {
                Err("expected an Argon2id hash such as $argon2id$v=19$m=19456,t=2,p=1$SALT$HASH, of at most 1 GiB \
                          (m=1048576)"
                    .to_owned())
            }
        };
    }
    if OTHER_HASHES.iter().any(|prefix| text.starts_with(prefix)) {
        return Err(
            "this looks like a hash; only Argon2id hashes ($argon2id$…) are taken, else write the password".to_owned()
        );
    }
    Ok(Password::Plain(secret))
}

fn is_argon2id(text: &str) -> bool {
    let Ok(hash) = argon2::PasswordHash::new(text) else { return false };
    let affordable = argon2::Params::try_from(&hash).is_ok_and(|params| {
        params.m_cost() <= MOST_MEMORY_IN_KIB && params.t_cost() <= MOST_PASSES && params.p_cost() <= MOST_LANES
    });
    hash.algorithm == argon2::ARGON2ID_IDENT
        && hash.version == Some(argon2::Version::V0x13.into())
        && hash.salt.is_some()
        && hash.hash.is_some()
        && affordable
}

/// RFC 4648 §6, upper or lower case, spaces and padding allowed as authenticator apps do; kept in upper case without them.
fn base32(text: &str) -> Result<Secret, String> {
    let spaceless: String = text.chars().filter(|c| *c != ' ').collect();
    let secret = spaceless.trim_end_matches('=').to_ascii_uppercase();
    let is_base32 = secret.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7'));
    // 1, 3 and 6 characters over a multiple of 8 are no whole number of bytes.
    let is_whole = !matches!(secret.len() % 8, 1 | 3 | 6);
    match is_base32 && is_whole && secret.len() >= SHORTEST_BASE32 {
        true => Ok(Secret::new(secret)),
        false => Err("expected at least 16 characters of base32 (A-Z, 2-7)".to_owned()),
    }
}

/// What stands in place of a secret where one is shown.
pub(super) const REDACTED: &str = "…";

/// 80 bits, what most authenticator apps get.
const SHORTEST_BASE32: usize = 16;
const MOST_MEMORY_IN_KIB: u32 = 1024 * 1024;
const MOST_PASSES: u32 = 100;
const MOST_LANES: u32 = 64;
const OTHER_HASHES: [&str; 8] = ["$2a$", "$2b$", "$2y$", "$scrypt$", "$pbkdf2", "$1$", "$5$", "$6$"];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_days_and_smaller_units() {
        for (text, seconds) in [
            ("PT0S", Some(0)),
            ("P91D", Some(91 * 86_400)),
            ("P1W", Some(604_800)),
            ("P1DT1H2M3S", Some(90_123)),
            ("-PT5M", Some(-300)),
            ("", None),
            ("P", None),
            ("PT", None),
            ("P1M", None),
            ("P1Y", None),
            ("PT-5M", None),
            ("PT1M1H", None),
            ("P99999999999999999999D", None),
            ("P9999999999999D", None),
        ] {
            assert_eq!(duration(text), seconds, "{text}");
        }
    }

    #[test]
    fn address_ranges_need_a_fitting_prefix() {
        for (text, right) in [
            ("192.0.2.0/24", true),
            ("2001:db8::/32", true),
            ("0.0.0.0/0", true),
            ("192.0.2.0/33", false),
            ("192.0.2.0", false),
            ("192.0.2/24", false),
            ("::/129", false),
            ("::/+1", false),
        ] {
            assert_eq!(cidr(text).is_some(), right, "{text}");
        }
    }

    #[test]
    fn totp_secrets_are_base32_of_at_least_80_bits() {
        for (text, kept) in [
            ("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", Some("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")),
            ("jbsw y3dp ehpk 3pxp", Some("JBSWY3DPEHPK3PXP")),
            ("JBSWY3DPEHPK3PX", None),
            ("JBSWY3DPEHPK3PX1", None),
            ("JBSWY3DPEHPK3PXPJ", None),
        ] {
            assert_eq!(base32(text).ok().as_ref().map(Secret::expose), kept, "{text}");
        }
    }

    #[test]
    fn only_argon2id_hashes_are_hashes() {
        const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$\
                            RdescudvJCsgt3ub+b4dWRWJTmaaJObGT2eBZ0rfYu0";
        assert!(matches!(password(HASH), Ok(Password::Phc(_))));
        assert!(matches!(password("Summit-2042"), Ok(Password::Plain(_))));
        assert!(matches!(password("$up€r"), Ok(Password::Plain(_))));
        for wrong in [
            &HASH.replace("argon2id", "argon2i"),
            &HASH.replace("v=19", "v=16"),
            &HASH.replace("m=19456", "m=4000000"),
            &HASH.replace("$RdescudvJCsgt3ub+b4dWRWJTmaaJObGT2eBZ0rfYu0", ""),
            "$argon2id$",
            "$2b$12$abcdefghijklmnopqrstuv",
            REDACTED,
            "",
        ] {
            assert!(password(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn reading_text_never_panics(text in any::<String>()) {
            for shape in [
                Shape::Text, Shape::Flag, Shape::Number(0, 1), Shape::Guid, Shape::Moment, Shape::Duration, Shape::Secret,
                Shape::Password, Shape::Base32, Shape::Certificate, Shape::Cidr, Shape::Uri, Shape::RedirectUri, Shape::Domain,
                Shape::UserName,
            ] {
                let _ = read_text(shape, &text);
            }
        }

        #[test]
        fn durations_of_digits_never_panic(text in "-?P[0-9WDT]{0,12}T?[0-9HMS]{0,30}") {
            let _ = duration(&text);
        }
    }
}
