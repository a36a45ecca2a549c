//! From the bytes of a file to a snapshot that can be believed.

use std::io::{self, BufRead, ErrorKind, Read};

use domain::Target;
use ed25519_dalek::Signature;
use sha2::{Digest, Sha256};

use super::header::{FORMAT, Header, VERSION};
use super::{Credentials, Hash, Lists, Snapshot};

/// Longest first line, in bytes.
const FIRST_LINE: u64 = 1 << 20;
/// Bytes read at a time; whatever the first line claims, no more is set aside before it comes.
const PIECE: u64 = 64 * 1024;

/// A snapshot can't be used, so nobody may be reached by it.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The file can't be read.
    #[error("the snapshot can't be read: {0}")]
    Io(#[from] io::Error),
    /// It is something else.
    #[error("the file is not a snapshot of a version that this program reads")]
    Form,
    /// Bytes are missing or too many.
    #[error("the snapshot is not whole; fetch it again")]
    Length,
    /// The signature does not fit.
    #[error("the snapshot's signature is wrong: it was changed, or made by another installation")]
    Signature,
    /// It was made for somebody else.
    #[error("the snapshot was made for another client than the credentials")]
    Client,
    /// Keys were rotated.
    #[error(
        "the credentials are from before the keys were changed; make new ones with `sayso snapshot credentials`"
    )]
    Keys,
    /// A delta without what came before it.
    #[error(
        "the snapshots do not follow on each other; give a full one and then each delta in order"
    )]
    Gap,
    /// It is too old.
    #[error("the snapshot is too old; fetch a new one")]
    Stale,
    /// It was made later than now.
    #[error("the snapshot is from the future; one of the clocks is wrong")]
    Future,
    /// It says nothing of this.
    #[error("the snapshot does not hold {0}")]
    Target(Target),
}

impl Snapshot {
    /// Reads a file and checks that it is whole, signed, and made for these credentials.
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn read(file: impl BufRead, credentials: &Credentials) -> Result<Self, SnapshotError> {
        let mut file = Hashed { file, digest: Sha256::new() };
        let header = file.header()?;
        let mut lists = Vec::with_capacity(header.targets.len());
        for target in &header.targets {
            lists.push(Lists {
                denied: file.list(target.denied)?,
                allowed: file.list(target.allowed)?,
                removed: file.list(target.removed)?,
            });
        }
        let digest: [u8; 32] = file.digest.finalize().into();
        let mut file = file.file;
        let mut signature = [0; Signature::BYTE_SIZE];
        file.read_exact(&mut signature).map_err(cut_short)?;
        if file.read(&mut [0])? != 0 {
            return Err(SnapshotError::Length);
        }
        if !credentials.have_signed(&digest, &signature) {
            return Err(SnapshotError::Signature);
        }
        credentials.fit(&header)?;
        let sorted = |list: &[Hash]| list.is_sorted_by(|one, next| one < next);
        let sound = |lists: &Lists| {
            [&lists.denied, &lists.allowed, &lists.removed].into_iter().all(|list| sorted(list))
        };
        if !lists.iter().all(sound) {
            return Err(SnapshotError::Form);
        }
        Ok(Self { header, lists })
    }
}

fn cut_short(error: io::Error) -> SnapshotError {
    if error.kind() == ErrorKind::UnexpectedEof {
        SnapshotError::Length
    } else {
        SnapshotError::Io(error)
    }
}

/// A file with the digest of what was read of it.
struct Hashed<R> {
    file: R,
    digest: Sha256,
}

impl<R: BufRead> Hashed<R> {
    fn header(&mut self) -> Result<Header, SnapshotError> {
        let mut line = Vec::new();
        (&mut self.file).take(FIRST_LINE).read_until(b'\n', &mut line)?;
        self.digest.update(&line);
        if line.last() != Some(&b'\n') {
            return Err(SnapshotError::Form);
        }
        let header: Header = serde_json::from_slice(&line).map_err(|_| SnapshotError::Form)?;
        let known = header.format == FORMAT && header.version == VERSION;
        if known { Ok(header) } else { Err(SnapshotError::Form) }
    }

    fn list(&mut self, count: u64) -> Result<Vec<Hash>, SnapshotError> {
        let mut list = Vec::new();
        let mut left = count.checked_mul(8).ok_or(SnapshotError::Form)?;
        let mut piece = Vec::new();
        while left > 0 {
            piece.clear();
            let wanted = left.min(PIECE);
            let read = (&mut self.file).take(wanted).read_to_end(&mut piece)? as u64;
            if read != wanted {
                return Err(SnapshotError::Length);
            }
            self.digest.update(&piece);
            let (hashes, _) = piece.as_chunks::<8>();
            list.extend(hashes.iter().map(|bytes| Hash::from_be_bytes(*bytes)));
            left -= wanted;
        }
        Ok(list)
    }
}
