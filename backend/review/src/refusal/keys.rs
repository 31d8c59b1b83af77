//! Indexes and primary keys.

use super::Names;
use dbdesk_commands::lang::{Said, said};

#[expect(clippy::too_many_lines, reason = "it is a table")]
pub(super) fn explain(number: u16, names: &Names) -> Option<(Said, Said)> {
    let explained = match number {
        1062 => {
            let value = names.at(0)?;
            (
                said!(
                    "The value {value} would stand twice where it must be unique.",
                    "值 {value} 会在必须唯一的地方出现两次。"
                ),
                said!("Remove the duplicates first.", "请先清理重复的值。"),
            )
        }
        1068 => (
            said!("The table would have two primary keys.", "这张表会有两个主键。"),
            said!(
                "Drop the old one in the same statement: DROP PRIMARY KEY, ADD PRIMARY KEY (…).",
                "请在同一条语句里先删除旧主键：DROP PRIMARY KEY, ADD PRIMARY KEY (…)。"
            ),
        ),
        1069 => (
            said!(
                "The table would have more indexes than the server allows (64).",
                "索引数超过服务器的上限（64 个）。"
            ),
            said!("Drop indexes that others cover.", "请删除被其他索引覆盖的索引。"),
        ),
        1070 => (
            said!(
                "The index has more columns than the server allows (16 in MySQL, 32 in MariaDB).",
                "索引的列数超过服务器的上限（MySQL 16 列，MariaDB 32 列）。"
            ),
            said!("Keep the columns that narrow the search most.", "请只保留区分度最高的几列。"),
        ),
        1071 | 1709 => (
            said!(
                "The index would be too long: InnoDB takes 3,072 bytes (767 in old row formats), and a character of utf8mb4 counts four.",
                "索引太长：InnoDB 最多 3072 字节（旧的行格式为 767），utf8mb4 的一个字符按 4 字节计算。"
            ),
            said!(
                "Index only the beginning of the long column, such as (`name`(100)), or fewer columns.",
                "请只索引长列的前一部分，例如 (`name`(100))，或者减少列数。"
            ),
        ),
        1073 | 1167 => {
            let column = names.at(0)?;
            (
                said!(
                    "The column {column} is of a type that can not be indexed like this.",
                    "列 {column} 的类型不能这样建索引。"
                ),
                said!(
                    "Leave it out of the index, or index a generated column made from it.",
                    "请不要把它放进索引，或者用由它生成的列建索引。"
                ),
            )
        }
        1075 => (
            said!(
                "A table can count by itself (AUTO_INCREMENT) in one column only, and that column must be the first of an index.",
                "一张表只能有一个自增列（AUTO_INCREMENT），而且必须是某个索引的第一列。"
            ),
            said!(
                "Make the counting column the primary key, or take AUTO_INCREMENT away in the same statement.",
                "请把自增列设为主键，或者在同一条语句里去掉 AUTO_INCREMENT。"
            ),
        ),
        1089 => (
            said!(
                "The index takes a part of a column that is no text, or a longer part than the column has.",
                "索引的前缀用在了非文本列上，或者前缀比列本身还长。"
            ),
            said!("Write the column without a length in brackets.", "请去掉列名后括号里的长度。"),
        ),
        1121 => {
            let column = names.at(0).unwrap_or_default();
            (
                said!(
                    "The column {column} may be NULL, which this kind of index does not take.",
                    "列 {column} 允许为 NULL，这种索引不支持。"
                ),
                said!("Make the column NOT NULL.", "请把该列改为 NOT NULL。"),
            )
        }
        1170 => {
            let column = names.at(0)?;
            (
                said!(
                    "{column} is TEXT or BLOB: an index on it needs to say how many characters it takes.",
                    "{column} 是 TEXT 或 BLOB 类型，建索引必须写明取多少个字符。"
                ),
                said!(
                    "Write the length behind it, such as ({column}(100)).",
                    "请在后面写上长度，例如 ({column}(100))。"
                ),
            )
        }
        1171 => (
            said!(
                "A column of the primary key may be NULL here; a primary key takes none.",
                "主键里有允许为 NULL 的列，主键不允许为 NULL。"
            ),
            said!(
                "Write NOT NULL at each column of the primary key, or use a UNIQUE key.",
                "请给主键的每一列写上 NOT NULL，或者改用 UNIQUE 索引。"
            ),
        ),
        1173 | 3750 => (
            said!("This server wants a primary key on every table.", "这台服务器要求每张表都有主键。"),
            said!(
                "Add one, such as id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY.",
                "请加上主键，例如 id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY。"
            ),
        ),
        1214 => (
            said!("The table's engine has no full-text index.", "该表的存储引擎不支持全文索引。"),
            said!("Use InnoDB.", "请使用 InnoDB。"),
        ),
        1283 => {
            let column = names.at(0)?;
            (
                said!(
                    "{column} is no text and can not be part of a full-text index.",
                    "{column} 不是文本列，不能用于全文索引。"
                ),
                said!(
                    "Name only CHAR, VARCHAR and TEXT columns.",
                    "全文索引只能包含 CHAR、VARCHAR、TEXT 列。"
                ),
            )
        }
        3152 => {
            let column = names.at(0)?;
            (
                said!(
                    "{column} is JSON, which can not be indexed itself.",
                    "{column} 是 JSON 列，不能直接建索引。"
                ),
                said!(
                    "Index a generated column that takes one value out of it.",
                    "请从中生成一列，再对该列建索引。"
                ),
            )
        }
        1553 => {
            let key = names.at(0)?;
            (
                said!(
                    "The index {key} can not be dropped: a foreign key needs it.",
                    "无法删除索引 {key}：有外键在使用它。"
                ),
                said!(
                    "Drop the foreign key first, or add another index that begins with the same columns.",
                    "请先删除外键，或者先加一个以相同列开头的索引。"
                ),
            )
        }
        _ => return None,
    };
    Some(explained)
}
