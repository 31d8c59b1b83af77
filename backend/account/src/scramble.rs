//! What a server checks a password with. It is worked out here, so that no password reaches a server, its logs or its replicas.

use crate::{
    dialect::Dialect,
    password::{PASSWORD_CHARS, Password},
    sha256_crypt::{self, DIGEST_CHARS, SALT_BYTES},
};
use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
use ring::{
    digest::{SHA1_FOR_LEGACY_USE_ONLY, digest},
    signature::{Ed25519KeyPair, KeyPair as _},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;
use zeroize::Zeroizing;

/// Random bytes that a salt takes.
pub const SALT_CHANCE: usize = SALT_BYTES;
/// What a `caching_sha2_password` hash begins with: the kind, and 5 × 1000 rounds.
pub(crate) const SHA2_HEAD: &str = "$A$005$";
pub(crate) const SHA2_BYTES: usize = SHA2_HEAD.len() + SALT_BYTES + DIGEST_CHARS;

/// How an account logs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plugin {
    /// MySQL's own.
    CachingSha2,
    /// MariaDB's, where it is installed.
    Ed25519,
    /// What MariaDB has everywhere: SHA-1 twice, without a salt. Only a password with as much chance as ours stands it.
    Native,
}

impl Plugin {
    /// As servers name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CachingSha2 => "caching_sha2_password",
            Self::Ed25519 => "ed25519",
            Self::Native => "mysql_native_password",
        }
    }

    /// The best that a server has, by the names of its active plugins.
    #[must_use]
    pub fn best<'a>(dialect: Dialect, active: impl IntoIterator<Item = &'a str>) -> Self {
        if !dialect.is_mariadb() {
            Self::CachingSha2
        } else if active.into_iter().any(|name| name == Self::Ed25519.name()) {
            Self::Ed25519
        } else {
            Self::Native
        }
    }

    /// Whether servers of this family have it.
    #[must_use]
    pub fn is_of(self, dialect: Dialect) -> bool {
        (self == Self::CachingSha2) != dialect.is_mariadb()
    }
}

/// A password's hash and the plugin that it is for. Never printed; wiped with its value.
#[derive(Clone, PartialEq, Eq)]
pub struct Scramble {
    plugin: Plugin,
    text: Zeroizing<String>,
}

impl Scramble {
    /// That of a password; `chance` makes the salt, where the plugin has one.
    #[must_use]
    pub fn of(password: &Password, plugin: Plugin, chance: &[u8; SALT_CHANCE]) -> Self {
        let text = match plugin {
            Plugin::CachingSha2 => caching_sha2(password, chance),
            Plugin::Ed25519 => ed25519(password.bytes()),
            Plugin::Native => native(password),
        };
        Self { plugin, text }
    }

    /// That of a password in its place, with a salt made of both: the same whenever it is worked out. The salt tells nothing of a password
    /// of ours, whose chance nobody tries out.
    #[must_use]
    pub fn again(password: &Password, plugin: Plugin, place: &str) -> Self {
        let both = Sha256::new().chain_update(password.bytes()).chain_update(place).finalize();
        let mut chance = [0; SALT_CHANCE];
        chance.copy_from_slice(&both[..SALT_CHANCE]);
        Self::of(password, plugin, &chance)
    }

    pub(crate) fn checked(plugin: Plugin, text: Zeroizing<String>) -> Self {
        Self { plugin, text }
    }

    /// The plugin.
    #[must_use]
    pub fn plugin(&self) -> Plugin {
        self.plugin
    }

    /// The hash as the server keeps it: for the statement, and to be sealed. Nothing else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// As SQL writes it behind an account's name, or with `<secret>` in the hash's place.
    pub(crate) fn sql(&self, is_shown: bool) -> Zeroizing<String> {
        let name = self.plugin.name();
        let secret = if is_shown { "<secret>" } else { &**self.text };
        Zeroizing::new(match self.plugin {
            Plugin::CachingSha2 if is_shown => format!("IDENTIFIED WITH {name} AS {secret}"),
            // In hex: no `sql_mode` reads that otherwise.
            Plugin::CachingSha2 => format!("IDENTIFIED WITH {name} AS 0x{}", hex::encode_upper(secret)),
            Plugin::Ed25519 | Plugin::Native => format!("IDENTIFIED VIA {name} USING '{secret}'"),
        })
    }
}

impl fmt::Debug for Scramble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scramble({}, …)", self.plugin.name())
    }
}

/// The salt is 20 of 64 printable characters, 120 bits: the server ends it at a NUL, and finds it by counting.
fn caching_sha2(password: &Password, chance: &[u8; SALT_BYTES]) -> Zeroizing<String> {
    let salt = chance.map(|byte| sha256_crypt::letter(u32::from(byte)) as u8);
    let mut text = Zeroizing::new(String::with_capacity(SHA2_BYTES));
    text.push_str(SHA2_HEAD);
    text.extend(salt.map(char::from));
    text.push_str(&sha256_crypt::digest(password.bytes(), &salt));
    text
}

/// The password is the seed of a key, as RFC 8032 makes one, and the server keeps the public half.
fn ed25519(seed: &[u8; PASSWORD_CHARS]) -> Zeroizing<String> {
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).expect("any 32 bytes are a seed");
    Zeroizing::new(BASE64_STANDARD_NO_PAD.encode(pair.public_key()))
}

fn native(password: &Password) -> Zeroizing<String> {
    let once = digest(&SHA1_FOR_LEGACY_USE_ONLY, password.bytes());
    let twice = digest(&SHA1_FOR_LEGACY_USE_ONLY, once.as_ref());
    Zeroizing::new(format!("*{}", hex::encode_upper(twice)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_has_the_form_that_its_server_keeps() {
        let password = Password::generate(&[3; PASSWORD_CHARS]);
        let hash = |plugin| Scramble::of(&password, plugin, &[9; SALT_CHANCE]).reveal().to_owned();
        let all = [Plugin::CachingSha2, Plugin::Ed25519, Plugin::Native].map(hash).join("\n");
        insta::assert_snapshot!(all);
    }

    #[test]
    fn the_same_password_in_the_same_place_has_the_same_hash_and_no_other() {
        let [one, two] = [3, 4].map(|byte| Password::generate(&[byte; PASSWORD_CHARS]));
        let hash = |password, place| Scramble::again(password, Plugin::CachingSha2, place);
        assert!(hash(&one, "A-1/0") == hash(&one, "A-1/0"));
        assert!(hash(&one, "A-1/0") != hash(&one, "A-1/1") && hash(&one, "A-1/0") != hash(&two, "A-1/0"));
        let salt = |of: Scramble| of.reveal()[SHA2_HEAD.len()..SHA2_HEAD.len() + SALT_BYTES].to_owned();
        assert_ne!(salt(hash(&one, "A-1/0")), salt(hash(&two, "A-1/0")));
    }

    #[test]
    fn neither_debug_nor_what_is_shown_has_the_hash() {
        let password = Password::generate(&[3; PASSWORD_CHARS]);
        for plugin in [Plugin::CachingSha2, Plugin::Ed25519, Plugin::Native] {
            let scramble = Scramble::of(&password, plugin, &[9; SALT_CHANCE]);
            for text in [format!("{scramble:?}"), scramble.sql(true).to_string()] {
                assert!(!text.contains(scramble.reveal()), "{text}");
                assert!(!text.contains(&hex::encode_upper(scramble.reveal())), "{text}");
            }
        }
    }
}
