//! Words that stand for themselves in SQL, so that a name must be quoted to be one of them. Measured: `CREATE TABLE t (word int)` on
//! `MySQL` 9.7 and `MariaDB` 10.11; which version of `MySQL` began with a word is from its manual.

use crate::flavour::Flavour;

/// Whether the server takes this word for a name only in backquotes. What is not certain of a version is left out.
#[must_use]
pub fn is_reserved(word: &str, flavour: Flavour) -> bool {
    let Some(word) = lower(word) else { return false };
    let has = |words: &[&str]| words.binary_search(&&*word).is_ok();
    if has(ALWAYS) {
        return true;
    }
    if flavour.is_mariadb() {
        return flavour.at_least(10, 6)
            && (has(MARIADB) || ["except", "intersect", "over", "recursive", "rows"].contains(&&*word));
    }
    has(MYSQL)
        || flavour.at_least(8, 0) && has(MYSQL_8_0)
        || flavour.at_least(8, 4) && has(MYSQL_8_4)
        || flavour.at_least(9, 2) && word == "library"
        || flavour.at_least(9, 4) && word == "external"
}

/// The servers that reserve the word, for a sentence; `None` where none does.
#[must_use]
pub fn reserved_by(word: &str) -> Option<&'static str> {
    let word = lower(word)?;
    let has = |words: &[&str]| words.binary_search(&&*word).is_ok();
    Some(if has(ALWAYS) {
        "MySQL, MariaDB"
    } else if has(MYSQL) {
        "MySQL"
    } else if has(MYSQL_8_0) {
        "MySQL 8.0"
    } else if has(MYSQL_8_4) {
        "MySQL 8.4"
    } else if word == "library" || word == "external" {
        "MySQL 9"
    } else if has(MARIADB) {
        "MariaDB"
    } else {
        return None;
    })
}

/// In lower case, where it is as short as such words are.
fn lower(word: &str) -> Option<String> {
    (word.len() <= 29 && word.is_ascii()).then(|| word.to_ascii_lowercase())
}

/// Of both families, in all versions that are in use.
const ALWAYS: &[&str] = &[
    "accessible",
    "add",
    "all",
    "alter",
    "analyze",
    "and",
    "as",
    "asc",
    "asensitive",
    "before",
    "between",
    "bigint",
    "binary",
    "blob",
    "both",
    "by",
    "call",
    "cascade",
    "case",
    "change",
    "char",
    "character",
    "check",
    "collate",
    "column",
    "condition",
    "constraint",
    "continue",
    "convert",
    "create",
    "cross",
    "current_date",
    "current_time",
    "current_timestamp",
    "current_user",
    "cursor",
    "databases",
    "day_hour",
    "day_microsecond",
    "day_minute",
    "day_second",
    "dec",
    "decimal",
    "declare",
    "default",
    "delayed",
    "delete",
    "desc",
    "describe",
    "deterministic",
    "distinct",
    "distinctrow",
    "div",
    "double",
    "drop",
    "dual",
    "each",
    "else",
    "elseif",
    "enclosed",
    "escaped",
    "exists",
    "exit",
    "explain",
    "false",
    "fetch",
    "float",
    "float4",
    "float8",
    "for",
    "force",
    "foreign",
    "from",
    "fulltext",
    "grant",
    "group",
    "having",
    "high_priority",
    "hour_microsecond",
    "hour_minute",
    "hour_second",
    "if",
    "ignore",
    "in",
    "index",
    "infile",
    "inner",
    "inout",
    "insensitive",
    "insert",
    "int",
    "int1",
    "int2",
    "int3",
    "int4",
    "int8",
    "integer",
    "interval",
    "into",
    "is",
    "iterate",
    "join",
    "key",
    "keys",
    "kill",
    "leading",
    "leave",
    "left",
    "like",
    "limit",
    "linear",
    "lines",
    "load",
    "localtime",
    "localtimestamp",
    "lock",
    "long",
    "longblob",
    "longtext",
    "loop",
    "low_priority",
    "match",
    "maxvalue",
    "mediumblob",
    "mediumint",
    "mediumtext",
    "middleint",
    "minute_microsecond",
    "minute_second",
    "mod",
    "modifies",
    "natural",
    "no_write_to_binlog",
    "not",
    "null",
    "numeric",
    "on",
    "optimize",
    "optionally",
    "or",
    "order",
    "out",
    "outer",
    "outfile",
    "partition",
    "precision",
    "primary",
    "procedure",
    "purge",
    "range",
    "read",
    "read_write",
    "reads",
    "real",
    "references",
    "regexp",
    "release",
    "rename",
    "repeat",
    "replace",
    "require",
    "resignal",
    "restrict",
    "return",
    "revoke",
    "right",
    "rlike",
    "schemas",
    "second_microsecond",
    "select",
    "sensitive",
    "separator",
    "set",
    "show",
    "signal",
    "smallint",
    "spatial",
    "specific",
    "sql",
    "sql_big_result",
    "sql_calc_found_rows",
    "sql_small_result",
    "sqlexception",
    "sqlstate",
    "sqlwarning",
    "ssl",
    "starting",
    "straight_join",
    "table",
    "terminated",
    "then",
    "tinyblob",
    "tinyint",
    "tinytext",
    "to",
    "trailing",
    "trigger",
    "true",
    "undo",
    "union",
    "unique",
    "unlock",
    "unsigned",
    "update",
    "usage",
    "use",
    "using",
    "utc_date",
    "utc_time",
    "utc_timestamp",
    "values",
    "varbinary",
    "varchar",
    "varcharacter",
    "varying",
    "when",
    "where",
    "while",
    "with",
    "write",
    "xor",
    "year_month",
    "zerofill",
];

/// Of `MySQL` alone, from 5.7 on.
const MYSQL: &[&str] = &[
    "database",
    "generated",
    "get",
    "io_after_gtids",
    "io_before_gtids",
    "optimizer_costs",
    "option",
    "schema",
    "stored",
    "virtual",
];

/// From `MySQL` 8.0 on.
const MYSQL_8_0: &[&str] = &[
    "cube",
    "cume_dist",
    "dense_rank",
    "empty",
    "except",
    "first_value",
    "function",
    "grouping",
    "groups",
    "json_table",
    "lag",
    "last_value",
    "lateral",
    "lead",
    "nth_value",
    "ntile",
    "of",
    "over",
    "percent_rank",
    "rank",
    "recursive",
    "row",
    "row_number",
    "rows",
    "system",
    "window",
];

/// From `MySQL` 8.4 on (some since a late 8.0).
const MYSQL_8_4: &[&str] = &["intersect", "qualify", "tablesample"];

/// Of `MariaDB` alone, from 10.6 on.
const MARIADB: &[&str] = &[
    "current_role",
    "delete_domain_id",
    "do_domain_ids",
    "ignore_domain_ids",
    "master_ssl_verify_server_cert",
    "offset",
    "returning",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_and_do_not_overlap() {
        let lists = [ALWAYS, MYSQL, MYSQL_8_0, MYSQL_8_4, MARIADB];
        for list in lists {
            assert!(list.is_sorted());
        }
        let mut all: Vec<&str> = lists.concat();
        all.sort_unstable();
        assert!(all.windows(2).all(|pair| pair[0] != pair[1]));
        assert!(all.iter().all(|word| word.len() <= 29 && reserved_by(word).is_some()));
    }

    #[test]
    fn a_word_is_reserved_where_its_server_says_so() {
        let old = Flavour::mysql(5, 7);
        for (word, flavour, reserved) in [
            ("Order", old, true),
            ("rank", old, false),
            ("RANK", Flavour::mysql(8, 0), true),
            ("rank", Flavour::mariadb(10, 11), false),
            ("rows", Flavour::mariadb(10, 11), true),
            ("offset", Flavour::mariadb(10, 11), true),
            ("offset", Flavour::mysql(9, 7), false),
            ("library", Flavour::mysql(8, 4), false),
            ("library", Flavour::mysql(9, 7), true),
            ("status", Flavour::mysql(9, 7), false),
        ] {
            assert_eq!(is_reserved(word, flavour), reserved, "{word} {flavour}");
        }
    }
}
