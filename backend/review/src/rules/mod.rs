//! The rules: one small file each, with its page beside it. To add one, write both and enter it in [`ALL`].

use crate::judge::{See, Tell};
use dbdesk_commands::wire::review::Level;

pub mod document;
mod find;
mod lexemes;
mod names;
pub mod page;
pub(crate) mod words;

pub use find::find;

macro_rules! rules {
    ($($name:ident)*) => {
        $(mod $name;)*
        /// Every rule there is, in the order in which they look at a statement.
        pub static ALL: &[Rule] = &[$($name::RULE),*];
    };
}

rules! {
    syntax_error
    full_width_punctuation
    executable_comment
    not_analysable
    syntax_of_another_server
    statement_out_of_place
    system_database
    transaction_control
    ddl_mixed_with_dml
    name_too_long
    odd_name
    impossible_name
    reserved_word_unquoted
    reserved_word_as_name
    name_with_capitals
    index_name_without_prefix
    table_without_primary_key
    engine_not_innodb
    table_without_comment
    table_already_exists
    unknown_table
    unknown_column
    unknown_index
    duplicate_name
    too_many_indexes
    redundant_index
    alters_not_merged
    drop_table
    truncate_table
    drop_database
    drop_column
    column_narrowed
    drop_partition
    rename_in_place
    numbered_tables_differ
    delete_without_where
    update_without_where
    always_true_where
    constant_where
    limit_in_update_or_delete
    insert_without_columns
    insert_value_count
    server_refuses
    needs_a_failing_statement
    not_tried
    too_many_affected_rows
    affected_rows_unknown
}

/// A rule.
pub struct Rule {
    /// Its name: the bad pattern, so that it reads after "allow". It never changes.
    pub id: &'static str,
    /// How serious its findings are, unless a finding or the settings say otherwise.
    pub level: Level,
    /// Whether it looks at all, unless the settings say otherwise.
    pub on: bool,
    /// Rules that contradict each other bear one word here; at most one of them may be on.
    pub exclusive: Option<&'static str>,
    /// Its page: what, why, what to do, in both languages, and cases that run as tests.
    pub page: &'static str,
    /// Looks at one statement.
    pub check: fn(&See<'_>, &mut Tell<'_>),
}

impl Rule {
    /// A rule that is on and contradicts none.
    #[must_use]
    pub const fn new(
        id: &'static str,
        level: Level,
        page: &'static str,
        check: fn(&See<'_>, &mut Tell<'_>),
    ) -> Self {
        Self { id, level, on: true, exclusive: None, page, check }
    }

    /// Off, until the settings give it a level.
    #[must_use]
    pub const fn off(self) -> Self {
        Self { on: false, ..self }
    }

    /// One of a group of rules of which at most one may be on.
    #[must_use]
    pub const fn exclusive(self, group: &'static str) -> Self {
        Self { exclusive: Some(group), ..self }
    }
}

/// The rule that tells of a text that is no SQL; such a statement is of the kind `syntax_error`.
pub const SYNTAX_ERROR: &str = "syntax-error";

/// The rule of this name.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Rule> {
    ALL.iter().find(|rule| rule.id == id)
}
