//! Images as they are kept: packed, and sealed with a key that only the desk has. Bound to their place: sealed for one statement, they
//! open for no other.

use crate::images::Images;
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use std::{
    fmt,
    io::{Read as _, Write as _},
};
use zeroize::Zeroizing;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
/// Bytes that make each sealing another one; they come from chance and must never come twice with one key.
pub const NONCE_BYTES: usize = NONCE_LEN;
/// What opens to more is no backup of ours.
const MOST_BYTES: u64 = 256 << 20;

/// A key. Its `Debug` shows its name only.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    bytes: [u8; KEY_BYTES],
    name: String,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.name)
    }
}

/// Not 64 digits of hex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key is 64 hex digits, such as `openssl rand -hex 32` prints")]
pub struct WrongKey;

/// It was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Closed {
    /// Another key, another place, or somebody changed it.
    #[error("it was not sealed by this key for this place, or was changed since")]
    Seal,
    /// What it holds can not be read.
    #[error("what it holds can not be read")]
    Content,
}

impl Key {
    /// From 64 digits of hex.
    pub fn of_hex(text: &str) -> Result<Self, WrongKey> {
        let bytes: [u8; KEY_BYTES] =
            hex::decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(WrongKey)?;
        let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
        let name = hex::encode(digest.as_ref().get(..4).unwrap_or_default());
        Ok(Self { bytes, name })
    }

    /// Tells keys apart, and says nothing of them.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn sealing(&self) -> Option<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM, &self.bytes).ok().map(LessSafeKey::new)
    }
}

/// The keys that the desk has: one that seals, where there is one, and those that only open what they sealed before.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    /// Seals, and opens.
    pub sealing: Option<Key>,
    /// Open.
    pub old: Vec<Key>,
}

impl Keys {
    /// The one of this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Key> {
        self.all().find(|key| key.name == name)
    }

    /// All, the one that seals first.
    pub fn all(&self) -> impl Iterator<Item = &Key> {
        self.sealing.iter().chain(&self.old)
    }
}

/// Packs and seals them for a place; `nonce` comes first in what it gives.
pub fn seal(images: &Images, key: &Key, nonce: [u8; NONCE_BYTES], place: &str) -> Result<Vec<u8>, Closed> {
    let json = serde_json::to_vec(images).map_err(|_| Closed::Content)?;
    let mut packing = DeflateEncoder::new(Vec::new(), Compression::fast());
    packing.write_all(&json).map_err(|_| Closed::Content)?;
    let mut bytes = packing.finish().map_err(|_| Closed::Content)?;
    let sealing = key.sealing().ok_or(Closed::Seal)?;
    let bound = Aad::from(place.as_bytes());
    sealing
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound, &mut bytes)
        .map_err(|_| Closed::Seal)?;
    Ok([nonce.as_slice(), &bytes].concat())
}

/// Opens what was sealed for this place.
pub fn open(sealed: &[u8], key: &Key, place: &str) -> Result<Images, Closed> {
    let (nonce, bytes) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(Closed::Seal)?;
    let sealing = key.sealing().ok_or(Closed::Seal)?;
    let mut bytes = bytes.to_vec();
    let packed = sealing
        .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(place.as_bytes()), &mut bytes)
        .map_err(|_| Closed::Seal)?;
    let mut json = Vec::new();
    DeflateDecoder::new(&*packed).take(MOST_BYTES).read_to_end(&mut json).map_err(|_| Closed::Content)?;
    serde_json::from_slice(&json).map_err(|_| Closed::Content)
}

/// Seals a short secret for a place, as it is; `nonce` comes first in what it gives.
pub fn seal_secret(
    secret: &[u8],
    key: &Key,
    nonce: [u8; NONCE_BYTES],
    place: &str,
) -> Result<Vec<u8>, Closed> {
    let mut bytes = secret.to_vec();
    let sealing = key.sealing().ok_or(Closed::Seal)?;
    let bound = Aad::from(place.as_bytes());
    sealing
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound, &mut bytes)
        .map_err(|_| Closed::Seal)?;
    Ok([nonce.as_slice(), &bytes].concat())
}

/// Opens one that was sealed for this place.
pub fn open_secret(sealed: &[u8], key: &Key, place: &str) -> Result<Zeroizing<Vec<u8>>, Closed> {
    let (nonce, bytes) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(Closed::Seal)?;
    let sealing = key.sealing().ok_or(Closed::Seal)?;
    let mut bytes = Zeroizing::new(bytes.to_vec());
    let opened = sealing
        .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(place.as_bytes()), &mut bytes)
        .map_err(|_| Closed::Seal)?
        .len();
    bytes.truncate(opened);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        field::{Field, Form},
        images::{Layout, Row},
    };

    fn images() -> Images {
        let field = Field { name: "id".into(), form: Form::Number, on_update: false };
        let row = Row { before: Some(vec![Some("7".into())]), after: None };
        let (database, table) = ("shop".into(), "a".into());
        let layout = Layout { database, table, fields: vec![field], key: vec![0], unique: Vec::new() };
        Images { layout, rows: vec![row; 1_000] }
    }

    #[test]
    fn it_opens_with_its_key_at_its_place_only_and_not_when_it_was_changed() {
        let (key, other) = (Key::of_hex(&"07".repeat(32)).unwrap(), Key::of_hex(&"08".repeat(32)).unwrap());
        let sealed = seal(&images(), &key, [1; NONCE_BYTES], "T-1/K-1/0/0").unwrap();
        assert!(sealed.len() < 1_000, "packed: {}", sealed.len());
        assert_eq!(open(&sealed, &key, "T-1/K-1/0/0"), Ok(images()));
        assert_eq!(open(&sealed, &other, "T-1/K-1/0/0"), Err(Closed::Seal));
        assert_eq!(open(&sealed, &key, "T-1/K-1/1/0"), Err(Closed::Seal));
        for at in [0, 20, sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(open(&changed, &key, "T-1/K-1/0/0"), Err(Closed::Seal), "{at}");
        }
        assert_eq!(open(&[], &key, ""), Err(Closed::Seal));
    }

    #[test]
    fn a_secret_opens_with_its_key_at_its_place_only() {
        let (key, other) = (Key::of_hex(&"07".repeat(32)).unwrap(), Key::of_hex(&"08".repeat(32)).unwrap());
        let sealed = seal_secret(b"secret", &key, [1; NONCE_BYTES], "A-1/0").unwrap();
        assert_eq!(open_secret(&sealed, &key, "A-1/0").unwrap().as_slice(), b"secret");
        assert!(!sealed.windows(6).any(|part| part == b"secret"));
        for (key, place) in [(&other, "A-1/0"), (&key, "A-1/1"), (&key, "A-2/0")] {
            assert_eq!(open_secret(&sealed, key, place).unwrap_err(), Closed::Seal, "{place}");
        }
        assert!(open_secret(&sealed[..5], &key, "A-1/0").is_err());
    }

    #[test]
    fn what_an_old_key_sealed_is_opened_by_the_one_of_its_name() {
        let [old, new, none] = ["07", "08", "09"].map(|digits| Key::of_hex(&digits.repeat(32)).unwrap());
        let sealed = seal(&images(), &old, [1; NONCE_BYTES], "T-1/K-1/0/0").unwrap();
        let keys = Keys { sealing: Some(new.clone()), old: vec![old.clone()] };
        assert_eq!(open(&sealed, keys.named(old.name()).unwrap(), "T-1/K-1/0/0"), Ok(images()));
        assert_eq!(keys.named(new.name()), Some(&new));
        assert_eq!(keys.named(none.name()), None);
    }

    #[test]
    fn a_key_is_64_hex_digits_and_shows_its_name_only() {
        let key = Key::of_hex(&format!("{}\n", "07".repeat(32))).unwrap();
        assert_eq!(format!("{key:?}"), format!("Key({})", key.name()));
        assert!(!"07".repeat(32).contains(key.name()));
        assert_eq!(Key::of_hex("07"), Err(WrongKey));
        assert_eq!(Key::of_hex(&"zz".repeat(32)), Err(WrongKey));
    }
}
