//! What the sample's user table says: each user by the password grant, for Legacy portal and for Legacy tool alike.

/// The users in the table's order, and the AADSTS number of those who get no tokens.
pub(crate) const USERS: [(&str, Option<u32>); 20] = [
    ("cloud@alpine.test", None),
    ("guest@fjord.test", None),
    ("hashsync@alpine.test", None),
    ("cloudpw@onprem.alpine.test", None),
    ("passthrough@alpine.test", None),
    ("admin@alpine.test", Some(50076)),
    ("mfa@alpine.test", Some(50076)),
    ("newmfa@alpine.test", Some(50079)),
    ("camfa@alpine.test", Some(50076)),
    ("blocked@alpine.test", Some(53003)),
    ("noconsent@alpine.test", Some(65001)),
    ("expired@alpine.test", Some(50055)),
    ("mustchange@alpine.test", Some(50055)),
    ("onprem@onprem.alpine.test", Some(50126)),
    ("personal@live.test", Some(50034)),
    ("google@gmail.test", Some(50034)),
    ("nopassword@alpine.test", Some(50056)),
    (UNASSIGNED, Some(50105)),
    ("disabled@alpine.test", Some(50057)),
    ("locked@alpine.test", Some(50053)),
];

/// The user whom the table tries through Assigned tool instead.
pub(crate) const UNASSIGNED: &str = "unassigned@alpine.test";

/// Nobody's name.
pub(crate) const UNKNOWN_USER: (&str, Option<u32>) = ("nobody@alpine.test", Some(50034));

/// Anybody who could sign in, with another password.
pub(crate) const WRONG_PASSWORD: Option<u32> = Some(50126);
