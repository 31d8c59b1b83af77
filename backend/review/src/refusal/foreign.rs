//! Foreign keys.

use super::Names;
use dbdesk_commands::lang::{Said, said};

#[expect(clippy::too_many_lines, reason = "it is a table")]
pub(super) fn explain(number: u16, names: &Names) -> Option<(Said, Said)> {
    let explained = match number {
        1005 | 1215 => (
            said!(
                "The foreign key does not fit: the columns of both tables must have the same type, sign and character set, and the columns it refers to must begin an index there.",
                "外键不匹配：两边的列类型、符号和字符集必须一致，而且被引用的列必须是对方某个索引的开头。"
            ),
            said!(
                "Compare both definitions, and index the columns it refers to.",
                "请对比两张表的定义，并给被引用的列建索引。"
            ),
        ),
        1216 | 1452 => (
            said!("A row would refer to one that is not there.", "有一行会引用不存在的数据。"),
            said!("Add the row it refers to first.", "请先插入被引用的行。"),
        ),
        1217 | 1451 | 1701 | 3730 => {
            let table = names.at(0).unwrap_or_default();
            (
                said!(
                    "Another table refers to {table} with a foreign key, so it can not be dropped or emptied.",
                    "有其他表通过外键引用 {table}，因此不能删除或清空。"
                ),
                said!("Drop the foreign key of the other table first.", "请先删除其他表上的外键。"),
            )
        }
        1239 => {
            let key = names.at(0)?;
            (
                said!(
                    "The foreign key {key} names another number of columns than it refers to.",
                    "外键 {key} 两边的列数不一致。"
                ),
                said!(
                    "Write as many columns behind REFERENCES as before it.",
                    "REFERENCES 两边的列数要相同。"
                ),
            )
        }
        1822 => {
            let (key, table) = (names.at(0)?, names.at(1)?);
            (
                said!(
                    "The foreign key {key} refers to columns of {table} that begin no index there.",
                    "外键 {key} 引用的 {table} 的列不是任何索引的开头。"
                ),
                said!(
                    "Add an index (best a unique one) on these columns of {table} first.",
                    "请先在 {table} 的这些列上建索引（最好是唯一索引）。"
                ),
            )
        }
        1824 => {
            let table = names.at(0)?;
            (
                said!(
                    "The foreign key refers to a table {table} that is not there.",
                    "外键引用的表 {table} 不存在。"
                ),
                said!(
                    "Check the table's name, or create it in an earlier statement.",
                    "请检查表名，或者在前面的语句里先建表。"
                ),
            )
        }
        1825 => {
            let table = names.at(0)?;
            (
                said!(
                    "The foreign key on {table} has options that do not fit its columns: SET NULL needs a column that may be NULL.",
                    "{table} 上的外键选项与列不符：SET NULL 要求该列允许为 NULL。"
                ),
                said!(
                    "Let the column be NULL, or choose another ON DELETE or ON UPDATE.",
                    "请允许该列为 NULL，或者换一种 ON DELETE / ON UPDATE。"
                ),
            )
        }
        1828 | 1829 | 1832 | 1833 => {
            let (column, key) = (names.at(0)?, names.at(1)?);
            (
                said!(
                    "{column} can not be dropped or changed like this: the foreign key {key} uses it.",
                    "不能这样删除或修改 {column}：外键 {key} 正在使用它。"
                ),
                said!(
                    "Drop the foreign key {key} first, and add it again where it is still wanted.",
                    "请先删除外键 {key}，需要时再重新添加。"
                ),
            )
        }
        1830 => {
            let (column, key) = (names.at(0)?, names.at(1)?);
            (
                said!(
                    "{column} can not be NOT NULL: the foreign key {key} sets it to NULL.",
                    "{column} 不能是 NOT NULL：外键 {key} 会把它设为 NULL。"
                ),
                said!(
                    "Keep it nullable, or change the foreign key's ON DELETE SET NULL.",
                    "请保持允许 NULL，或者修改外键的 ON DELETE SET NULL。"
                ),
            )
        }
        3734 => {
            let (column, key, table) = (names.at(0)?, names.at(1)?, names.at(2)?);
            (
                said!(
                    "The foreign key {key} refers to the column {column}, which {table} does not have.",
                    "外键 {key} 引用的列 {column} 在 {table} 里不存在。"
                ),
                said!("Check the column's name in {table}.", "请检查 {table} 里的列名。"),
            )
        }
        3780 => {
            let (own, other, key) = (names.at(0)?, names.at(1)?, names.at(2)?);
            (
                said!(
                    "The columns {own} and {other} of the foreign key {key} are of different types.",
                    "外键 {key} 的两个列 {own} 和 {other} 类型不同。"
                ),
                said!(
                    "Give {own} exactly the type of {other}: also UNSIGNED, length and character set count.",
                    "请让 {own} 的类型与 {other} 完全一致：UNSIGNED、长度和字符集也算在内。"
                ),
            )
        }
        _ => return None,
    };
    Some(explained)
}
