//! The rules: one small file each, with its page beside it. To add one, write both and enter it in [`ALL`].

use crate::judge::{See, Tell};
use dbdesk_commands::wire::review::Level;

mod words;

macro_rules! rules {
    ($($name:ident)*) => {
        $(mod $name;)*
        /// Every rule there is, in the order in which they look at a statement.
        pub static ALL: &[Rule] = &[$($name::RULE),*];
    };
}

rules! {
    syntax_error
    not_analysable
    delete_without_where
}

/// A rule.
pub struct Rule {
    /// Its name: the bad pattern, so that it reads after "allow". It never changes.
    pub id: &'static str,
    /// How serious its findings are, unless a finding says otherwise.
    pub level: Level,
    /// Its page: what, why, what to do, in both languages, and cases that run as tests.
    pub page: &'static str,
    /// Looks at one statement.
    pub check: fn(&See<'_>, &mut Tell<'_>),
}

/// The rule that tells of a text that is no SQL; such a statement is of the kind `syntax_error`.
pub const SYNTAX_ERROR: &str = "syntax-error";

/// The rule of this name.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Rule> {
    ALL.iter().find(|rule| rule.id == id)
}
