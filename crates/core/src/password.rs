//! Passwords as the directory keeps them: Argon2id (RFC 9106) in PHC strings, `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
//!
//! Hashing takes tens of milliseconds and megabytes on purpose. How many run at once is the caller's to bound; the
//! memory is the caller's to keep, because allocating it costs a quarter of the time.

use std::fmt;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;

use crate::secret::Secret;

/// What hashing one password costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashingCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes of the memory.
    pub lanes: u32,
}

impl HashingCost {
    /// For a server: the smallest of the settings that OWASP's password storage cheat sheet recommends.
    pub const PRODUCTION: Self = Self { memory_kib: 19_456, passes: 2, lanes: 1 };
    /// For tests, which start many tenants and guard nothing: half a millisecond.
    pub const TEST_KIT: Self = Self { memory_kib: 1_024, passes: 1, lanes: 1 };
}

/// Working memory of one hashing thread, kept from one password to the next.
#[derive(Default)]
pub struct HashingMemory(Vec<Block>);

impl HashingMemory {
    fn blocks(&mut self, parameters: &Params) -> &mut [Block] {
        let count = parameters.block_count();
        if self.0.len() < count {
            self.0.resize(count, Block::default());
        }
        &mut self.0[..count]
    }
}

impl fmt::Debug for HashingMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HashingMemory({} KiB)", self.0.len())
    }
}

/// The PHC string of a password. `salt` must be random.
///
/// # Errors
/// The cost is outside of what Argon2 allows.
pub fn hash(
    password: &Secret,
    salt: [u8; 16],
    cost: HashingCost,
    memory: &mut HashingMemory,
) -> Result<Secret, NotHashable> {
    let parameters = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(Params::DEFAULT_OUTPUT_LEN))
        .map_err(|_| NotHashable)?;
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    let shown = ParamsString::try_from(&parameters).map_err(|_| NotHashable)?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters.clone())
        .hash_password_into_with_memory(password.expose().as_bytes(), &salt, &mut output, memory.blocks(&parameters))
        .map_err(|_| NotHashable)?;
    let phc = PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: shown,
        salt: Some(Salt::new(&salt).map_err(|_| NotHashable)?),
        hash: Some(Output::new(&output).map_err(|_| NotHashable)?),
    };
    Ok(Secret::new(phc.to_string()))
}

/// Whether this is the password that the PHC string was made from.
///
/// # Errors
/// The text is not a PHC string that [`check_phc`] accepts.
pub fn verify(phc: &str, password: &Secret, memory: &mut HashingMemory) -> Result<bool, NotAPasswordHash> {
    let Parsed { parameters, salt, hash } = parse(phc)?;
    let mut output = vec![0; hash.as_ref().len()];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters.clone())
        .hash_password_into_with_memory(password.expose().as_bytes(), &salt, &mut output, memory.blocks(&parameters))
        .map_err(|_| NotAPasswordHash)?;
    Ok(verify_slices_are_equal(&output, hash.as_ref()).is_ok())
}

/// Whether a password can be verified against this text: Argon2id, version 19, with a salt of at least 8 bytes and a
/// hash of at least 16, and not above 256 MiB, 64 passes and 64 lanes, so that one file cannot stop the server.
///
/// # Errors
/// It cannot.
pub fn check_phc(phc: &str) -> Result<(), NotAPasswordHash> {
    parse(phc).map(drop)
}

/// The cost is outside of what Argon2 allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed: Argon2id does not allow this cost")]
pub struct NotHashable;

/// The text is not a PHC string of Argon2id within bounds. The text itself is not shown: it is a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not an Argon2id hash in PHC form ($argon2id$v=19$m=…,t=…,p=…$salt$hash) of at most 256 MiB, 64 passes and 64 lanes"
)]
pub struct NotAPasswordHash;

struct Parsed {
    parameters: Params,
    salt: Salt,
    hash: Output,
}

fn parse(phc: &str) -> Result<Parsed, NotAPasswordHash> {
    let PasswordHash { algorithm, version, params, salt, hash } =
        PasswordHash::new(phc).map_err(|_| NotAPasswordHash)?;
    let (Some(salt), Some(hash)) = (salt, hash) else { return Err(NotAPasswordHash) };
    let decimal = |name: &str| params.get_decimal(name).ok_or(NotAPasswordHash);
    let (memory_kib, passes, lanes) = (decimal("m")?, decimal("t")?, decimal("p")?);
    let within_bounds = memory_kib <= MOST_MEMORY_KIB && passes <= MOST_PASSES && lanes <= MOST_LANES;
    let complete = algorithm == ARGON2ID_IDENT
        && version == Some(Version::V0x13.into())
        && params.iter().count() == 3
        && salt.as_ref().len() >= argon2::MIN_SALT_LEN
        && hash.as_ref().len() >= SHORTEST_HASH;
    if !within_bounds || !complete {
        return Err(NotAPasswordHash);
    }
    let parameters = Params::new(memory_kib, passes, lanes, Some(hash.as_ref().len())).map_err(|_| NotAPasswordHash)?;
    Ok(Parsed { parameters, salt, hash })
}

const MOST_MEMORY_KIB: u32 = 256 * 1024;
const MOST_PASSES: u32 = 64;
const MOST_LANES: u32 = 64;
const SHORTEST_HASH: usize = 16;

/// What is wrong with a password that a user chooses, if anything: Entra's own rules
/// (<https://learn.microsoft.com/entra/identity/authentication/concept-sspr-policy#password-policies-that-only-apply-to-cloud-user-accounts>).
/// Its list of banned words is not here.
pub fn complaint(password: &Secret, sign_in_name: &str) -> Option<&'static str> {
    let text = password.expose();
    let classes: [fn(char) -> bool; 3] = [|c| c.is_lowercase(), |c| c.is_uppercase(), |c| c.is_ascii_digit()];
    let other = text.chars().any(|c| !c.is_alphanumeric());
    let used = classes.iter().filter(|class| text.chars().any(**class)).count() + usize::from(other);
    let name = sign_in_name.split('@').next().unwrap_or_default().to_lowercase();
    if text.chars().count() < 8 {
        Some("A password has at least 8 characters.")
    } else if text.chars().count() > 256 {
        Some("A password has at most 256 characters.")
    } else if used < 3 {
        Some("A password has three of these: small letters, capital letters, digits, symbols.")
    } else if name.len() > 3 && text.to_lowercase().contains(&name) {
        Some("A password does not contain your name.")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed precondition fails the test")]

    use proptest::prelude::*;

    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text)
    }

    #[test]
    fn a_hash_verifies_its_password_and_no_other() {
        let mut memory = HashingMemory::default();
        let phc = hash(&secret("Summit-2042"), [1; 16], HashingCost::TEST_KIT, &mut memory).unwrap();

        assert!(phc.expose().starts_with("$argon2id$v=19$m=1024,t=1,p=1$AQEBAQEBAQEBAQEBAQEBAQ$"), "{}", phc.expose());
        assert_eq!(verify(phc.expose(), &secret("Summit-2042"), &mut memory), Ok(true));
        for wrong in ["summit-2042", "Summit-2042 ", "", "Summit-204"] {
            assert_eq!(verify(phc.expose(), &secret(wrong), &mut memory), Ok(false), "{wrong}");
        }
    }

    #[test]
    fn another_salt_gives_another_hash() {
        let mut memory = HashingMemory::default();
        let mut hashed = |salt| hash(&secret("a"), salt, HashingCost::TEST_KIT, &mut memory).unwrap();

        assert_ne!(hashed([1; 16]).expose(), hashed([2; 16]).expose());
    }

    #[test]
    fn hashes_of_the_reference_implementation_verify_whatever_the_memory_held_before() {
        let mut memory = HashingMemory::default();
        for phc in [
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
            "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
        ] {
            assert_eq!(verify(phc, &secret("password"), &mut memory), Ok(true), "{phc}");
            assert_eq!(verify(phc, &secret("passwort"), &mut memory), Ok(false), "{phc}");
        }
    }

    #[test]
    fn text_that_is_no_hash_of_ours_is_an_error_and_not_a_wrong_password() {
        let salt_and_hash = "$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        assert_eq!(check_phc(&format!("$argon2id$v=19$m=256,t=2,p=1{salt_and_hash}")), Ok(()));
        for wrong in [
            String::new(),
            "Summit-2042".to_owned(),
            "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW".to_owned(),
            format!("$argon2i$v=19$m=256,t=2,p=1{salt_and_hash}"),
            format!("$argon2id$v=16$m=256,t=2,p=1{salt_and_hash}"),
            format!("$argon2id$m=256,t=2,p=1{salt_and_hash}"),
            format!("$argon2id$v=19$m=256,t=2{salt_and_hash}"),
            format!("$argon2id$v=19$m=256,t=2,p=1,data=AAAA{salt_and_hash}"),
            format!("$argon2id$v=19$m=4294967295,t=2,p=1{salt_and_hash}"),
            format!("$argon2id$v=19$m=262145,t=2,p=1{salt_and_hash}"),
            format!("$argon2id$v=19$m=256,t=65,p=1{salt_and_hash}"),
            format!("$argon2id$v=19$m=256,t=0,p=1{salt_and_hash}"),
            format!("$argon2id$v=19$m=256,t=2,p=65{salt_and_hash}"),
            format!("$argon2id$v=19$m=8,t=2,p=2{salt_and_hash}"),
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ".to_owned(),
            "$argon2id$v=19$m=256,t=2,p=1$c29t$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4".to_owned(),
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQM".to_owned(),
        ] {
            assert_eq!(check_phc(&wrong), Err(NotAPasswordHash), "{wrong}");
            assert_eq!(verify(&wrong, &secret(""), &mut HashingMemory::default()), Err(NotAPasswordHash), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,120}", tail in "[a-z0-9=,$/+]{0,100}") {
            let _ = check_phc(&text);
            let _ = check_phc(&format!("$argon2id$v=19${tail}"));
        }
    }

    #[test]
    fn a_weak_password_is_complained_about() {
        for (password, good) in [
            ("Winter-2043", true),
            ("Sh0rt-1", false),
            ("alllowercaseletters", false),
            ("lower-and-symbols", false),
            ("Expired-2043", false),
        ] {
            assert_eq!(complaint(&Secret::new(password), "expired@alpine.test").is_none(), good, "{password}");
        }
    }
}
