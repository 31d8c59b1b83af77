//! The rules: one small file each, with its page beside it. To add one, write both and enter it in [`ALL`].

use crate::judge::{See, Tell};
use dbdesk_commands::wire::review::Level;

mod definitions;
pub mod document;
mod find;
mod known;
mod lexemes;
mod merging;
mod names;
pub mod page;
mod primary_key_columns;
mod stored;
pub(crate) mod words;

pub use find::find;

macro_rules! rules {
    ($($name:ident)*) => {
        $(mod $name;)*
        /// Every rule there is, in the order in which they look at a statement. `not_analysable` stays last: it speaks of
        /// what no other rule holds back.
        pub static ALL: &[Rule] = &[$($name::RULE),*];
    };
}

rules! {
    syntax_of_another_server
    syntax_of_another_version
    syntax_error
    placeholder_left_in
    full_width_punctuation
    executable_comment
    statement_out_of_place
    excessive_grant
    table_maintenance
    alter_database
    procedure_call
    create_view
    view_selects_star
    create_trigger
    create_procedure
    create_function
    create_event
    create_sequence
    function_from_library
    drop_stored_object
    definer_written
    system_database
    transaction_control
    dangerous_function
    plain_text_password
    optimizer_hint
    misleading_alias
    space_around_dot
    missing_semicolon
    name_without_database
    ddl_mixed_with_dml
    too_many_statements
    statement_too_long
    name_too_long
    odd_name
    impossible_name
    reserved_word_unquoted
    reserved_word_as_name
    name_with_capitals
    index_name_without_prefix
    table_without_primary_key
    table_without_required_columns
    usual_column_without_index
    table_name_without_prefix
    database_name_without_suffix
    engine_not_innodb
    charset_not_utf8mb4
    unusual_collation
    collation_of_another_charset
    collation_of_another_server
    table_without_comment
    table_without_columns
    table_without_index
    too_many_columns
    too_many_text_columns
    partitioned_table
    auto_increment_start_value
    auto_increment_without_key
    auto_increment_not_id
    temporary_table
    temporary_table_without_prefix
    create_table_as_select
    table_placed_elsewhere
    table_already_exists
    unknown_table
    unknown_column
    unknown_index
    duplicate_name
    too_many_indexes
    redundant_index
    invalid_default
    column_without_comment
    nullable_column
    column_without_default
    timestamp_changes_by_itself
    timestamp_column
    enum_or_set_column
    text_or_blob_column
    json_column
    float_or_double_column
    spatial_column
    char_too_long
    varchar_too_long
    integer_display_width
    zerofill_column
    auto_increment_signed
    column_with_utf8mb3
    column_charset_differs
    ip_address_as_text
    primary_key_not_integer
    primary_key_not_bigint_unsigned
    primary_key_not_auto_increment
    auto_increment_primary_key
    primary_key_of_many_columns
    index_of_many_columns
    column_in_many_indexes
    nullable_unique_index
    fulltext_or_spatial_index
    duplicate_enum_value
    text_with_default
    zero_date_default
    type_out_of_range
    comment_too_long
    auto_increment_not_int_or_bigint
    not_null_added_without_default
    two_primary_keys
    nullable_primary_key
    unique_index_with_duplicates
    column_twice_in_index
    index_too_long
    text_in_index_without_length
    index_prefix_out_of_place
    foreign_key
    alters_not_merged
    drop_table
    drop_table_not_set_aside
    truncate_table
    drop_database
    drop_column
    drop_column_in_index
    drop_index
    primary_key_changed
    drop_foreign_key
    default_dropped
    column_narrowed
    attribute_lost_in_modify
    type_change_on_big_table
    instant_change_mixed
    column_position
    charset_of_columns_unchanged
    blocking_alter
    index_outside_alter
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
    comparison_with_null
    null_in_list
    never_true_where
    order_by_in_update_or_delete
    update_or_delete_without_limit
    many_rows_inserted
    auto_increment_value_written
    value_that_does_not_fit
    null_for_not_null_column
    insert_leaves_out_needed_column
    insert_from_select
    insert_or_update
    replace_of_rows
    insert_ordered_by_rand
    primary_key_updated
    and_in_update_set
    column_alone_as_condition
    several_tables_changed
    join_without_condition
    number_compared_with_text_column
    text_compared_with_number_column
    outer_column_in_sub_select
    exists_without_link
    change_of_table_without_primary_key
    date_without_quotes
    text_with_outer_blanks
    change_of_big_table
    select_star
    select_without_where
    select_without_limit
    like_with_leading_wildcard
    like_without_wildcard
    regexp_condition
    function_on_condition_column
    negative_condition
    long_in_list
    many_or_conditions
    or_instead_of_in
    many_joined_tables
    table_read_twice
    comma_mixed_with_join
    natural_join
    outer_join_undone_by_where
    tables_of_several_databases
    join_of_different_types
    deeply_nested_query
    limit_in_in_sub_select
    changed_table_in_sub_select
    union_without_all
    order_by_rand
    order_by_constant
    order_by_calculation
    mixed_sort_directions
    group_by_position
    having_instead_of_where
    column_neither_grouped_nor_aggregated
    limit_without_order
    big_offset
    distinct_star
    distinct_with_brackets
    count_of_column
    sum_may_be_null
    sysdate_in_statement
    found_rows_counted
    select_for_update
    index_not_used_from_the_left
    full_table_scan
    plan_without_index
    many_rows_examined
    full_index_scan
    plan_sorts_rows
    plan_with_temporary_table
    server_refuses
    needs_a_failing_statement
    not_tried
    too_many_affected_rows
    affected_rows_unknown
    not_analysable
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
