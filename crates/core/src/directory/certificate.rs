use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use crate::client_auth::RegisteredCertificate;

/// An X.509 certificate in DER. What clients are checked with is read from it when the first of them comes, and kept: to
/// read it takes longer than to check a signature.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "Vec<u8>", into = "Vec<u8>")]
pub struct CertificateDer {
    der: Vec<u8>,
    read: OnceLock<Arc<RegisteredCertificate>>,
}

impl CertificateDer {
    /// What is written in it.
    pub(crate) fn read(&self) -> &RegisteredCertificate {
        self.read.get_or_init(|| Arc::new(RegisteredCertificate::read(&self.der)))
    }
}

impl From<Vec<u8>> for CertificateDer {
    fn from(der: Vec<u8>) -> Self {
        Self { der, read: OnceLock::new() }
    }
}

impl From<CertificateDer> for Vec<u8> {
    fn from(certificate: CertificateDer) -> Self {
        certificate.der
    }
}

impl Deref for CertificateDer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.der
    }
}

impl PartialEq for CertificateDer {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for CertificateDer {}

impl fmt::Debug for CertificateDer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CertificateDer({} bytes)", self.der.len())
    }
}
