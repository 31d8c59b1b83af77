//! Passwords that dbdesk makes.

use std::fmt;
use zeroize::Zeroizing;

/// Characters of a password, and random bytes that it takes.
pub const PASSWORD_CHARS: usize = 32;

/// Letters and digits that are not taken for one another, and need no quoting in shells, addresses or option files.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Of the alphabet's start, letters only, a password begins with one.
const FIRST: u8 = 16;

/// A password, wiped from memory with its value. It is neither printed nor compared.
///
/// It has 32 characters, which is also what an Ed25519 key is made of, and 159 bits of chance: 4 in the first, 5 in each other.
pub struct Password(Zeroizing<[u8; PASSWORD_CHARS]>);

impl Password {
    /// One from random bytes; every byte counts alike, so none is likelier than another.
    #[must_use]
    pub fn generate(chance: &[u8; PASSWORD_CHARS]) -> Self {
        let mut text = Zeroizing::new([0; PASSWORD_CHARS]);
        for (at, (letter, byte)) in text.iter_mut().zip(chance).enumerate() {
            let size = if at == 0 { FIRST } else { ALPHABET.len() as u8 };
            *letter = ALPHABET[usize::from(byte % size)];
        }
        Self(text)
    }

    /// One that was kept; `None` for a text that [`generate`](Self::generate) does not make.
    #[must_use]
    pub fn of_kept(text: &[u8]) -> Option<Self> {
        let text: [u8; PASSWORD_CHARS] = text.try_into().ok()?;
        text.iter().all(|letter| ALPHABET.contains(letter)).then(|| Self(Zeroizing::new(text)))
    }

    /// The password itself: to seal it, to hand it over, to hash it. Nothing else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        std::str::from_utf8(&*self.0).unwrap_or_default()
    }

    pub(crate) fn bytes(&self) -> &[u8; PASSWORD_CHARS] {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_letter_is_as_likely_as_another() {
        for at in [0, 1, 31] {
            let mut seen = BTreeMap::new();
            for byte in 0..=u8::MAX {
                let mut chance = [0; PASSWORD_CHARS];
                chance[at] = byte;
                *seen.entry(Password::generate(&chance).reveal().as_bytes()[at]).or_insert(0) += 1;
            }
            let (letters, times) = if at == 0 { (16, 16) } else { (32, 8) };
            assert_eq!(seen.len(), letters);
            assert!(seen.values().all(|count| *count == times));
        }
    }

    #[test]
    fn a_password_is_not_printed() {
        let password = Password::generate(&[7; PASSWORD_CHARS]);
        assert_eq!(format!("{password:?}"), "Password(…)");
        assert_eq!(password.reveal().len(), PASSWORD_CHARS);
    }

    proptest! {
        #[test]
        fn a_password_needs_no_quoting_anywhere_and_begins_with_a_letter(chance in any::<[u8; PASSWORD_CHARS]>()) {
            let password = Password::generate(&chance);
            prop_assert!(password.reveal().bytes().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit()));
            prop_assert!(password.reveal().as_bytes()[0].is_ascii_lowercase());
            let kept = Password::of_kept(password.reveal().as_bytes()).expect("its own text");
            prop_assert_eq!(kept.reveal(), password.reveal());
        }
    }
}
