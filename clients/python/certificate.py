"""What a client proves itself with in place of a secret: a key, and a certificate of it that it signed itself."""

import base64
import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID


class Certificate:
    def __init__(self):
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ropeway client test")])
        now = datetime.datetime.now(datetime.UTC)
        certificate = x509.CertificateBuilder(name, name, self._key.public_key(), x509.random_serial_number())
        certificate = certificate.not_valid_before(now - datetime.timedelta(hours=1))
        certificate = certificate.not_valid_after(now + datetime.timedelta(days=1))
        self._certificate = certificate.sign(self._key, hashes.SHA256())

    @property
    def credential(self):
        """As it is registered."""
        der = self._certificate.public_bytes(serialization.Encoding.DER)
        return {"type": "AsymmetricX509Cert", "usage": "Verify", "key": base64.b64encode(der).decode()}

    @property
    def key_pem(self):
        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    @property
    def certificate_pem(self):
        return self._certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def sha1(self):
        return self._certificate.fingerprint(hashes.SHA1()).hex()

    @property
    def sha256(self):
        return self._certificate.fingerprint(hashes.SHA256())

    @property
    def pfx(self):
        """Key and certificate as PKCS#12, without a password."""
        return pkcs12.serialize_key_and_certificates(
            b"client", self._key, self._certificate, None, serialization.NoEncryption()
        )

    @property
    def pem(self):
        """Key and certificate in one file, as az and azure-identity take it."""
        return self.key_pem + self.certificate_pem
