//! A name and a password.

use std::fmt;

/// A name and a password, which is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The account's name.
    pub user: String,
    /// Its password.
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Login({})", self.user)
    }
}

impl Login {
    /// Whether both are what a statement and an option file can hold as they are.
    pub(super) fn is_plain(&self) -> bool {
        const MOST_NAME: usize = 32;
        const MOST_PASSWORD: usize = 128;
        let name = (1..=MOST_NAME).contains(&self.user.len())
            && self.user.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let password = (1..=MOST_PASSWORD).contains(&self.password.len())
            && self.password.bytes().all(|byte| byte.is_ascii_graphic() && !b"'\"\\#".contains(&byte));
        name && password
    }
}
