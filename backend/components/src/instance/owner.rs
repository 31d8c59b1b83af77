//! As whom the host lets us in, and as whom servers run.

use super::{InstanceError, Place, place::TREE_LIMIT};
use crate::host::Command;

const WHO: &str = r#"id -un && id -gn -- "$1""#;

/// Both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner {
    /// As whom we are let in.
    pub(super) login: String,
    user: String,
    group: String,
}

impl Owner {
    /// Asks.
    ///
    /// # Errors
    /// There is no such user, or we are neither he nor root.
    pub(super) async fn of(place: &Place<'_>) -> Result<Self, InstanceError> {
        let done = place.ran(&Command::script(WHO, [place.user.clone()])).await?;
        let text = done.text();
        let mut lines = text.lines();
        let (login, group) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        let plain = |word: &str| {
            !word.is_empty()
                && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        if done.code != 0 || !plain(login) || group.is_empty() || (login != "root" && login != place.user) {
            return Err(InstanceError::NoUser(place.user.clone()));
        }
        Ok(Self { login: login.to_owned(), user: place.user.clone(), group: group.to_owned() })
    }

    fn is_root(&self) -> bool {
        self.login == "root"
    }

    /// The group of files that servers read and do not write.
    pub(super) fn group(&self) -> Option<&str> {
        self.is_root().then_some(&*self.group)
    }

    /// A folder that is the server's.
    pub(super) async fn folder(&self, place: &Place<'_>, path: &str) -> Result<(), InstanceError> {
        let mut words = vec!["install", "-d", "-m", "0750"];
        if self.is_root() {
            words.extend(["-o", &self.user, "-g", &self.group]);
        }
        words.extend(["--", path]);
        place.succeeded(&Command::new(words)).await.map(drop)
    }

    /// Hands a folder with all in it to the server.
    pub(super) async fn hand_over(&self, place: &Place<'_>, path: &str) -> Result<(), InstanceError> {
        if !self.is_root() {
            return Ok(());
        }
        let owner = format!("{}:{}", self.user, self.group);
        let command = Command::new(["chown", "-R", "-h", "--", &owner, path]).limit(TREE_LIMIT);
        place.succeeded(&command).await.map(drop)
    }
}
