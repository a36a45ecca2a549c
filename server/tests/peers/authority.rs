//! Certificates of an authority that only the test knows.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

static COUNT: AtomicU32 = AtomicU32::new(1);

/// What a server needs for TLS, in PEM.
pub struct Papers {
    /// The certificate of the authority.
    pub authority: String,
    /// The server's own.
    pub certificate: String,
    /// The key of that.
    pub key: String,
}

impl Papers {
    /// Those of a server of this name, by a new authority.
    pub fn of(name: &str) -> Self {
        let mut root = CertificateParams::new(Vec::new()).unwrap();
        // Two of one name would be taken for one whose signature is wrong.
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        root.distinguished_name.push(DnType::CommonName, format!("authority {number}"));
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root_key = KeyPair::generate().unwrap();
        let authority = pem("CERTIFICATE", root.self_signed(&root_key).unwrap().der());
        let issuer = Issuer::new(root, root_key);
        let key = KeyPair::generate().unwrap();
        let own = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = pem("CERTIFICATE", own.signed_by(&key, &issuer).unwrap().der());
        Self { authority, certificate, key: pem("PRIVATE KEY", &key.serialize_der()) }
    }

    /// Lays them into a folder, as `authority.pem`, `certificate.pem` and `key.pem`.
    pub fn lay(&self, folder: &Path) {
        std::fs::write(folder.join("authority.pem"), &self.authority).unwrap();
        std::fs::write(folder.join("certificate.pem"), &self.certificate).unwrap();
        std::fs::write(folder.join("key.pem"), &self.key).unwrap();
    }
}

fn pem(kind: &str, bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", lines.join("\n"))
}
