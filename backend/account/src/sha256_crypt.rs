//! SHA-crypt with SHA-256, as `caching_sha2_password` has it: the salt has 20 bytes. Libraries take 16, as the original says.

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// Bytes of the salt.
pub(crate) const SALT_BYTES: usize = 20;
/// Characters of the digest.
pub(crate) const DIGEST_CHARS: usize = 43;
/// What servers of every version check with.
const ROUNDS: usize = 5_000;

const LETTERS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The letter of the lowest six bits.
pub(crate) fn letter(bits: u32) -> char {
    char::from(LETTERS[(bits & 63) as usize])
}

/// The digest of a password with this salt.
pub(crate) fn digest(password: &[u8], salt: &[u8; SALT_BYTES]) -> Zeroizing<String> {
    let key_bytes =
        repeated(&Sha256::digest(Zeroizing::new(password.repeat(password.len()))), password.len());
    let mut sum = first(password, salt);
    let salts = salt.repeat(16 + usize::from(sum[0]));
    let salt_bytes = repeated(&Sha256::digest(salts), SALT_BYTES);
    for round in 0..ROUNDS {
        let mut hash = Sha256::new();
        hash.update(if round % 2 == 1 { &key_bytes[..] } else { &sum[..] });
        if round % 3 != 0 {
            hash.update(&salt_bytes[..]);
        }
        if round % 7 != 0 {
            hash.update(&key_bytes[..]);
        }
        hash.update(if round % 2 == 1 { &sum[..] } else { &key_bytes[..] });
        sum = Zeroizing::new(hash.finalize().into());
    }
    encoded(&sum)
}

/// What the rounds begin with.
fn first(password: &[u8], salt: &[u8]) -> Zeroizing<[u8; 32]> {
    let both = Sha256::new().chain_update(password).chain_update(salt).chain_update(password).finalize();
    let mut hash = Sha256::new();
    hash.update(password);
    hash.update(salt);
    hash.update(&repeated(&both, password.len())[..]);
    let mut bits = password.len();
    while bits > 0 {
        hash.update(if bits & 1 == 1 { &both[..] } else { password });
        bits >>= 1;
    }
    Zeroizing::new(hash.finalize().into())
}

/// The first `length` bytes of the same block over and over.
fn repeated(block: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(block.iter().copied().cycle().take(length).collect())
}

/// Three bytes are four letters, in an order of its own.
fn encoded(sum: &[u8; 32]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(DIGEST_CHARS));
    let mut push = |three: [u8; 3], letters: u32| {
        let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        text.extend((0..letters).map(|at| letter(bits >> (6 * at))));
    };
    let (mut a, mut b, mut c) = (0, 10, 20);
    for _ in 0..10 {
        push([sum[a], sum[b], sum[c]], 4);
        (a, b, c) = ((c + 1) % 30, (a + 1) % 30, (b + 1) % 30);
    }
    push([0, sum[31], sum[30]], 3);
    text
}
