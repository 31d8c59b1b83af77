//! The hash of a script's files: what an approval binds to, beside the parameters.

use sha2::{Digest as _, Sha256};

/// Most files of a script.
pub const FILES: usize = 64;
/// Most bytes of all of them.
pub const FILES_BYTES: u64 = 8 * 1024 * 1024;
/// Most folders within folders.
pub const DEPTH: usize = 4;

/// A file of a script.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct File {
    /// From the script's folder, with `/`.
    pub path: String,
    /// Whether it may be run.
    pub is_executable: bool,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// SHA-256, hex, over all of them: names, whether they may be run, and bytes, each with its length, in the order of their names.
#[must_use]
pub fn hash(files: &[File]) -> String {
    let mut sorted: Vec<&File> = files.iter().collect();
    sorted.sort();
    let mut digest = Sha256::new();
    for file in sorted {
        digest.update((file.path.len() as u64).to_be_bytes());
        digest.update(file.path.as_bytes());
        digest.update([u8::from(file.is_executable)]);
        digest.update((file.bytes.len() as u64).to_be_bytes());
        digest.update(&file.bytes);
    }
    hex::encode(digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(path: &str, is_executable: bool, text: &str) -> File {
        File { path: path.to_owned(), is_executable, bytes: text.as_bytes().to_vec() }
    }

    #[test]
    fn another_byte_name_mode_or_border_is_another_hash_and_another_order_is_not() {
        let one = [file("run", true, "ab"), file("script.toml", false, "c")];
        let others = [
            [file("run", true, "aB"), file("script.toml", false, "c")],
            [file("run", false, "ab"), file("script.toml", false, "c")],
            [file("ru", true, "nab"), file("script.toml", false, "c")],
            [file("run", true, "a"), file("script.toml", false, "bc")],
        ];
        for other in &others {
            assert_ne!(hash(&one), hash(other), "{other:?}");
        }
        let [a, b] = one.clone();
        assert_eq!(hash(&one), hash(&[b, a]));
    }

    proptest! {
        #[test]
        fn two_different_sets_of_files_never_have_one_hash(
            a in prop::collection::btree_map("[a-z]{1,3}", prop::collection::vec(any::<u8>(), 0..4), 0..4),
            b in prop::collection::btree_map("[a-z]{1,3}", prop::collection::vec(any::<u8>(), 0..4), 0..4),
        ) {
            let files = |of: &std::collections::BTreeMap<String, Vec<u8>>| -> Vec<File> {
                of.iter().map(|(path, bytes)| File { path: path.clone(), is_executable: true, bytes: bytes.clone() }).collect()
            };
            prop_assert_eq!(a == b, hash(&files(&a)) == hash(&files(&b)));
        }
    }
}
