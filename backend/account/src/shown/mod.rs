//! What a server says of an account: the lines of `SHOW GRANTS` and of `SHOW CREATE USER`, of both families.
//!
//! What is not understood is kept as text and counts as drift. A password's hash is never kept.

mod attributes;
mod grant;
mod tokens;

pub use attributes::{Attributes, Tls};
pub use grant::{Grant, OnScope};

use crate::name::AccountName;

/// Longest text that is kept of what is not understood.
pub const UNKNOWN_CHARS: usize = 200;

/// An account as a server has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// Its name.
    pub name: AccountName,
    /// How it logs in.
    pub attributes: Attributes,
    /// What it may.
    pub grants: Vec<Grant>,
    /// A role of MariaDB: nobody logs in to it. MySQL's roles are accounts that are locked.
    pub is_role: bool,
}

impl Live {
    /// One from what the server says of it. A role of MariaDB has no `SHOW CREATE USER`.
    pub fn read<'a>(
        name: AccountName,
        create_user: Option<&str>,
        grants: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let attributes = create_user.map(Attributes::parse).unwrap_or_default();
        let grants = grants.into_iter().map(Grant::parse).filter(|grant| !grant.is_nothing()).collect();
        Self { name, attributes, grants, is_role: create_user.is_none() }
    }

    /// What it may on scopes.
    pub fn privileges(&self) -> impl Iterator<Item = &OnScope> {
        self.grants.iter().filter_map(|grant| if let Grant::Privileges(on) = grant { Some(on) } else { None })
    }

    /// The roles that it was given.
    pub fn roles(&self) -> impl Iterator<Item = &AccountName> {
        self.grants
            .iter()
            .filter_map(|grant| if let Grant::Roles { roles, .. } = grant { Some(roles) } else { None })
            .flatten()
    }

    /// The accounts that it may be taken for.
    pub fn proxies(&self) -> impl Iterator<Item = &AccountName> {
        self.grants
            .iter()
            .filter_map(|grant| if let Grant::Proxy { of, .. } = grant { Some(of) } else { None })
    }

    /// What it has besides privileges on scopes. The role that a session would begin with is none: without the role it has no effect.
    pub fn besides_privileges(&self) -> impl Iterator<Item = &Grant> {
        self.grants.iter().filter(|grant| !matches!(grant, Grant::Privileges(_) | Grant::DefaultRole(_)))
    }
}

/// Text that is not understood, without what could be a hash.
pub(crate) fn unknown(text: &str) -> String {
    let end = text.to_ascii_uppercase().find("IDENTIFIED").filter(|at| text.is_char_boundary(*at));
    let text = end.map_or(text, |at| &text[..at]);
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(UNKNOWN_CHARS).collect()
}
