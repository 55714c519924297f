// The certificates that the launcher made: one that both confidential clients are registered with, and a stranger's.

import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

function read(name) {
  const file = (ending) => readFileSync(join(process.env.ROPEWAY_CERTIFICATES, `${name}.${ending}`), "utf8");
  const certificate = new X509Certificate(file("crt"));
  const hex = (fingerprint) => fingerprint.replaceAll(":", "");
  return {
    privateKey: file("key"),
    // Key and certificate in one text, as @azure/identity takes it.
    pem: file("key") + file("crt"),
    sha1: hex(certificate.fingerprint),
    sha256: hex(certificate.fingerprint256),
  };
}

export const registered = read("registered");
export const stranger = read("stranger");
