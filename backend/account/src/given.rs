//! Hashes that people bring, so that dbdesk never has their password.

use crate::{
    dialect::Dialect,
    scramble::{Plugin, SHA2_BYTES, Scramble},
    sha256_crypt::{DIGEST_CHARS, SALT_BYTES},
};
use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
use dbdesk_commands::lang::{Said, said};
use zeroize::Zeroizing;

/// Reads a hash for a server of this dialect. A password, and a hash of another kind, is refused; nothing of it is said again.
pub fn parse(text: &str, dialect: Dialect) -> Result<Scramble, Said> {
    let text = text.trim();
    let read = caching_sha2(text).or_else(|| native(text)).or_else(|| ed25519(text));
    match read {
        None => Err(said!(
            "this is no password hash, and a password is never typed here: leave it out and dbdesk makes one, or give the hash \
             that a server shows (MySQL: the hex of caching_sha2_password with print_identified_with_as_hex=ON; MariaDB: ed25519 or \
             *…). If it was a password, change it",
            "这不是密码哈希，而密码绝不能填在这里：留空则由 dbdesk 生成，或者填写服务器显示的哈希（MySQL：print_identified_with_as_hex=ON \
             时 caching_sha2_password 的十六进制；MariaDB：ed25519 或 *…）。如果填的是密码，请立即更换"
        )),
        Some(scramble) if !scramble.plugin().is_of(dialect) => {
            let plugin = scramble.plugin().name();
            let taken = if dialect.is_mariadb() {
                "ed25519 / mysql_native_password"
            } else {
                "caching_sha2_password"
            };
            Err(said!(
                "this is a hash for {plugin}, which these servers do not take: give one for {taken}",
                "这是 {plugin} 的哈希，这些服务器不接受：请填写 {taken} 的哈希"
            ))
        }
        Some(scramble) => Ok(scramble),
    }
}

/// `$A$005$`, a salt of 20 bytes and 43 characters; as hex or, where the salt can be typed, as it is.
fn caching_sha2(text: &str) -> Option<Scramble> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    let bytes =
        if digits.len() == 2 * SHA2_BYTES { hex::decode(digits).ok()? } else { text.as_bytes().to_vec() };
    let bytes = Zeroizing::new(bytes);
    // Salts of servers are below 128, so that each is text.
    let whole = Zeroizing::new(String::from_utf8(bytes.to_vec()).ok()?);
    if bytes.len() != SHA2_BYTES || !bytes.is_ascii() {
        return None;
    }
    let (head, rest) = bytes.split_at(SHA2_BYTES - SALT_BYTES - DIGEST_CHARS);
    let (salt, digest) = rest.split_at(SALT_BYTES);
    let rounds = head.strip_prefix(b"$A$")?.strip_suffix(b"$")?;
    let sound = rounds.iter().all(u8::is_ascii_hexdigit)
        && u32::from_str_radix(std::str::from_utf8(rounds).ok()?, 16).ok()? >= 5
        && !salt.contains(&0)
        && !salt.contains(&b'$')
        && digest.iter().all(|byte| byte.is_ascii_alphanumeric() || b"./".contains(byte));
    sound.then(|| Scramble::checked(Plugin::CachingSha2, whole))
}

/// `*` and 40 digits, in hex.
fn native(text: &str) -> Option<Scramble> {
    let digits = text.strip_prefix('*')?;
    let sound = digits.len() == 40 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    sound.then(|| Scramble::checked(Plugin::Native, Zeroizing::new(text.to_ascii_uppercase())))
}

/// 43 characters of base64 that are 32 bytes.
fn ed25519(text: &str) -> Option<Scramble> {
    let sound = text.len() == 43 && BASE64_STANDARD_NO_PAD.decode(text).is_ok_and(|key| key.len() == 32);
    sound.then(|| Scramble::checked(Plugin::Ed25519, Zeroizing::new(text.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::password::{PASSWORD_CHARS, Password};
    use dbdesk_review::Flavour;
    use proptest::prelude::*;

    const MYSQL: Dialect = Dialect::of(Flavour::mysql(8, 4));
    const MARIADB: Dialect = Dialect::of(Flavour::mariadb(10, 11));

    fn made(plugin: Plugin) -> Scramble {
        Scramble::of(&Password::generate(&[5; PASSWORD_CHARS]), plugin, &[77; SALT_BYTES])
    }

    #[test]
    fn what_dbdesk_makes_is_read_back() {
        for (plugin, dialect) in
            [(Plugin::CachingSha2, MYSQL), (Plugin::Ed25519, MARIADB), (Plugin::Native, MARIADB)]
        {
            let scramble = made(plugin);
            assert!(parse(scramble.reveal(), dialect).is_ok_and(|read| read == scramble));
        }
        let hex = hex::encode(made(Plugin::CachingSha2).reveal());
        assert!(parse(&format!("0x{hex}"), MYSQL).is_ok_and(|read| read == made(Plugin::CachingSha2)));
    }

    #[test]
    fn a_server_s_own_salt_with_control_characters_is_read_from_hex() {
        let shown = "0x244124303041246E39406D4C330F5F7852697F394627014B78356E4A6A727945467167314253466E5174612E594A7145644D796865353331456856676B495741504D336B4C36";
        assert_eq!(parse(shown, MYSQL).expect("a hash").plugin(), Plugin::CachingSha2);
    }

    #[test]
    fn a_hash_of_the_other_family_is_refused() {
        assert!(parse(made(Plugin::Native).reveal(), MYSQL).is_err());
        assert!(parse(made(Plugin::CachingSha2).reveal(), MARIADB).is_err());
    }

    #[test]
    fn a_password_is_refused_and_not_said_again() {
        for text in
            ["hunter2", "Correct-Horse-9", "*ABC", "", "$A$005$short", &"a".repeat(70), &"x".repeat(42)]
        {
            let said = parse(text, MYSQL).expect_err(text);
            assert!(text.is_empty() || !said.en.contains(text) && !said.zh.contains(text));
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_a_hash_that_ends_its_quotes(text in "\\PC{0,80}") {
            for dialect in [MYSQL, MARIADB] {
                if let Ok(scramble) = parse(&text, dialect) {
                    let sql = scramble.sql(false);
                    prop_assert_eq!(sql.matches('\'').count() % 2, 0);
                    prop_assert!(!sql.contains('\\'));
                }
            }
        }
    }
}
