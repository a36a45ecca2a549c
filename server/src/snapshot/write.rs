//! From a snapshot to the bytes of its file.

use ed25519_dalek::Signature;
use sha2::{Digest, Sha256};

use super::{Hash, Snapshot, SnapshotKeys};

/// Hashes written at a time.
const PIECE: usize = 8_192;

impl Snapshot {
    /// Bytes of its file.
    #[must_use]
    pub fn size(&self) -> u64 {
        let lists = self.lists.iter().flat_map(|list| [&list.denied, &list.allowed, &list.removed]);
        let hashes: usize = lists.map(Vec::len).sum();
        let bytes = self.first_line().len() + hashes * size_of::<Hash>() + Signature::BYTE_SIZE;
        bytes as u64
    }

    fn first_line(&self) -> Vec<u8> {
        // A header holds nothing that JSON can't say.
        let mut line = serde_json::to_vec(&self.header).unwrap_or_default();
        line.push(b'\n');
        line
    }

    /// The file piece by piece, its signature last.
    pub fn into_pieces(self, keys: SnapshotKeys) -> impl Iterator<Item = Vec<u8>> {
        let first = self.first_line();
        let lists = self.lists.into_iter();
        let lists = lists.flat_map(|list| [list.denied, list.allowed, list.removed]);
        let hashes = lists.flat_map(|list| {
            (0..list.len()).step_by(PIECE).map(move |at| {
                let piece = &list[at..list.len().min(at + PIECE)];
                piece.iter().flat_map(|hash| hash.to_be_bytes()).collect::<Vec<u8>>()
            })
        });
        let mut digest = Some(Sha256::new());
        let pieces = std::iter::once(first).chain(hashes).map(Some).chain([None]);
        pieces.filter_map(move |piece| match piece {
            Some(bytes) => {
                digest.as_mut()?.update(&bytes);
                Some(bytes)
            }
            None => Some(keys.sign(&digest.take()?.finalize().into()).to_vec()),
        })
    }
}
