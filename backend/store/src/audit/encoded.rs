//! What a row's hash is made of.
//!
//! SHA-256 over: the bytes `dbdesk-audit-1\n`; the 32 bytes of the hash of the row before; then every field in the order of the columns, from
//! `id` to `content_hash`. A field is one byte 0 where it is NULL; else one byte 1, its length in bytes as eight bytes, the most significant
//! first, and its bytes. A text is its UTF-8, a number is written in decimal digits, a time as milliseconds since 1970 in UTC. Since the number
//! of fields is fixed and each says how long it is, two rows that differ anywhere never have the same bytes.

use crate::Error;
use chrono::DateTime;
use sha2::{Digest as _, Sha256};
use sqlx::{MySql, query_builder::Separated};

const DOMAIN: &[u8] = b"dbdesk-audit-1\n";

/// A hash.
pub(super) type Hash = [u8; 32];

/// As the store has it.
pub(super) fn hash_of(bytes: &[u8]) -> Result<Hash, Error> {
    bytes.try_into().map_err(|_| Error::strange(format!("a hash of {} bytes", bytes.len())))
}

/// All that a row says but its two hashes, word by word as the store has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) id: u64,
    pub(super) at_ms: i64,
    pub(super) what: String,
    pub(super) detail: String,
    pub(super) actor_id: Option<u64>,
    pub(super) actor: String,
    pub(super) as_whom_id: Option<u64>,
    pub(super) as_whom: Option<String>,
    pub(super) via: String,
    pub(super) token: Option<String>,
    pub(super) source: Option<String>,
    pub(super) subject_kind: String,
    pub(super) subject: String,
    pub(super) revision: Option<u32>,
    pub(super) content_hash: Option<String>,
}

impl Fields {
    /// The bytes of the fields.
    pub(super) fn encoded(&self) -> Vec<u8> {
        let number = |number: u64| Some(number.to_string());
        let text = |text: &String| Some(text.clone());
        let fields = [
            number(self.id),
            Some(self.at_ms.to_string()),
            text(&self.what),
            text(&self.detail),
            self.actor_id.and_then(number),
            text(&self.actor),
            self.as_whom_id.and_then(number),
            self.as_whom.clone(),
            text(&self.via),
            self.token.clone(),
            self.source.clone(),
            text(&self.subject_kind),
            text(&self.subject),
            self.revision.map(u64::from).and_then(number),
            self.content_hash.clone(),
        ];
        let mut bytes = Vec::new();
        for field in fields {
            match field {
                None => bytes.push(0),
                Some(field) => {
                    bytes.push(1);
                    bytes.extend((field.len() as u64).to_be_bytes());
                    bytes.extend(field.as_bytes());
                }
            }
        }
        bytes
    }

    /// The row's own hash, after a row with the hash `prev`.
    pub(super) fn hash(&self, prev: &Hash) -> Hash {
        Sha256::new().chain_update(DOMAIN).chain_update(prev).chain_update(self.encoded()).finalize().into()
    }

    /// Binds them, in the order of the columns.
    pub(super) fn bind(self, values: &mut Separated<'_, MySql, &'static str>) {
        values
            .push_bind(self.id)
            .push_bind(DateTime::from_timestamp_millis(self.at_ms))
            .push_bind(self.what)
            .push_bind(self.detail)
            .push_bind(self.actor_id)
            .push_bind(self.actor)
            .push_bind(self.as_whom_id)
            .push_bind(self.as_whom)
            .push_bind(self.via)
            .push_bind(self.token)
            .push_bind(self.source)
            .push_bind(self.subject_kind)
            .push_bind(self.subject)
            .push_bind(self.revision)
            .push_bind(self.content_hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{option, prelude::*};

    fn fields() -> impl Strategy<Value = Fields> {
        // Few letters, lengths and digits: so that what lies beside each other could be mistaken for each other.
        let text = || "[01a]{0,3}";
        (
            (0..12_u64, -2..12_i64, text(), text(), option::of(0..12_u64), text(), option::of(0..12_u64)),
            (option::of(text()), text(), option::of(text()), option::of(text()), text(), text()),
            (option::of(0..12_u32), option::of(text())),
        )
            .prop_map(|(one, two, three)| {
                let (id, at_ms, what, detail, actor_id, actor, as_whom_id) = one;
                let (as_whom, via, token, source, subject_kind, subject) = two;
                let (revision, content_hash) = three;
                Fields {
                    id,
                    at_ms,
                    what,
                    detail,
                    actor_id,
                    actor,
                    as_whom_id,
                    as_whom,
                    via,
                    token,
                    source,
                    subject_kind,
                    subject,
                    revision,
                    content_hash,
                }
            })
    }

    /// The fields that these bytes say, and nothing else can: the inverse of [`Fields::encoded`].
    fn decoded(mut bytes: &[u8]) -> Option<Vec<Option<String>>> {
        let mut fields = Vec::new();
        while let Some((mark, rest)) = bytes.split_first() {
            bytes = rest;
            if *mark == 0 {
                fields.push(None);
                continue;
            }
            let (length, rest) = bytes.split_first_chunk()?;
            let (field, rest) = rest.split_at_checked(usize::try_from(u64::from_be_bytes(*length)).ok()?)?;
            fields.push(Some(String::from_utf8(field.to_vec()).ok()?));
            bytes = rest;
        }
        Some(fields)
    }

    proptest! {
        #[test]
        fn no_two_different_rows_have_the_same_bytes(one in fields(), other in fields()) {
            prop_assert_eq!(one == other, one.encoded() == other.encoded());
            prop_assert_eq!(one == other, one.hash(&[7; 32]) == other.hash(&[7; 32]));
        }

        #[test]
        fn the_bytes_say_each_field(row in fields()) {
            let fields = decoded(&row.encoded()).expect("whole fields");
            prop_assert_eq!(fields.len(), 15);
            prop_assert_eq!(&fields[0], &Some(row.id.to_string()));
            prop_assert_eq!(&fields[3], &Some(row.detail.clone()));
            prop_assert_eq!(&fields[7], &row.as_whom);
            prop_assert_eq!(&fields[12], &Some(row.subject.clone()));
            prop_assert_eq!(&fields[14], &row.content_hash);
        }

        #[test]
        fn the_hash_depends_on_the_row_before(row in fields(), before in any::<[u8; 32]>(), other in any::<[u8; 32]>()) {
            prop_assert_eq!(before == other, row.hash(&before) == row.hash(&other));
        }
    }

    #[test]
    fn the_bytes_are_those_that_are_written_down() {
        let row = Fields {
            id: 7,
            at_ms: 1_000,
            what: "filed".into(),
            detail: "{}".into(),
            actor_id: Some(3),
            actor: "ann".into(),
            as_whom_id: None,
            as_whom: None,
            via: "api".into(),
            token: Some("ci".into()),
            source: None,
            subject_kind: "ticket".into(),
            subject: "T-1".into(),
            revision: Some(1),
            content_hash: None,
        };
        let expected: &[u8] = b"\x01\0\0\0\0\0\0\0\x017\x01\0\0\0\0\0\0\0\x041000\x01\0\0\0\0\0\0\0\x05filed\x01\0\0\0\0\0\0\0\x02{}\
            \x01\0\0\0\0\0\0\0\x013\x01\0\0\0\0\0\0\0\x03ann\0\0\x01\0\0\0\0\0\0\0\x03api\x01\0\0\0\0\0\0\0\x02ci\0\
            \x01\0\0\0\0\0\0\0\x06ticket\x01\0\0\0\0\0\0\0\x03T-1\x01\0\0\0\0\0\0\0\x011\0";
        assert_eq!(row.encoded(), expected);
        // Never changed: rows that stand there were hashed so.
        insta::assert_snapshot!(hex::encode(row.hash(&[0; 32])));
    }
}
