//! Names that are there already, or not there.

use super::Names;
use dbdesk_commands::lang::{Said, said};

#[expect(clippy::too_many_lines, reason = "it is a table")]
pub(super) fn explain(number: u16, names: &Names) -> Option<(Said, Said)> {
    let explained = match number {
        1050 => {
            let table = names.at(0)?;
            (
                said!("A table or view {table} exists already.", "已经存在名为 {table} 的表或视图。"),
                said!(
                    "Choose another name, or change the existing table with ALTER TABLE {table} ….",
                    "请换一个名字，或者用 ALTER TABLE {table} … 修改已有的表。"
                ),
            )
        }
        1051 | 1109 | 1146 => {
            let table = names.at(0)?;
            (
                said!(
                    "There is no table {table} at this point of the ticket.",
                    "执行到这里时，表 {table} 不存在。"
                ),
                said!(
                    "Check its name, or create it in an earlier statement.",
                    "请检查表名，或者在前面的语句里先建表。"
                ),
            )
        }
        1054 => {
            let column = names.at(0)?;
            (
                said!(
                    "There is no column {column} at this point of the ticket.",
                    "执行到这里时，列 {column} 不存在。"
                ),
                said!(
                    "Check its name, or add it in an earlier statement.",
                    "请检查列名，或者在前面的语句里先加列。"
                ),
            )
        }
        1052 => {
            let column = names.at(0)?;
            (
                said!(
                    "{column} may be a column of several tables here; the server does not know which is meant.",
                    "{column} 在多张表里都有，服务器不知道指的是哪一张。"
                ),
                said!(
                    "Write the table or its alias before it, such as o.{column}.",
                    "请在前面写上表名或别名，例如 o.{column}。"
                ),
            )
        }
        1060 => {
            let column = names.at(0)?;
            (
                said!(
                    "The table would have the column {column} twice.",
                    "这张表会有两个名为 {column} 的列。"
                ),
                said!(
                    "Leave it out if it is there already, or choose another name.",
                    "如果该列已经存在，请删掉这一项；否则请换一个名字。"
                ),
            )
        }
        1061 | 1831 => {
            let key = names.at(0)?;
            (
                said!("The table would have the index {key} twice.", "这张表会有两个名为 {key} 的索引。"),
                said!(
                    "Leave it out if it is there already, or choose another name.",
                    "如果该索引已经存在，请删掉这一项；否则请换一个名字。"
                ),
            )
        }
        1072 => {
            let column = names.at(0)?;
            (
                said!(
                    "The index needs the column {column}, which the table does not have.",
                    "索引用到了列 {column}，但表里没有这一列。"
                ),
                said!(
                    "Check the column's name, or add the column before the index.",
                    "请检查列名，或者先加列再建索引。"
                ),
            )
        }
        1091 => {
            let name = names.at(0)?;
            (
                said!(
                    "{name} can not be dropped: the table has no column, index or key of this name.",
                    "无法删除 {name}：表里没有这个名字的列、索引或约束。"
                ),
                said!("Check the name in the table's definition.", "请对照表结构检查名字。"),
            )
        }
        1176 => {
            let key = names.at(0)?;
            (
                said!("The table has no index {key}.", "表里没有索引 {key}。"),
                said!("Check the index's name in the table's definition.", "请对照表结构检查索引名。"),
            )
        }
        1059 => {
            let name = names.at(0)?;
            (
                said!(
                    "The name {name} is too long; 64 characters is the most.",
                    "名字 {name} 太长，最多 64 个字符。"
                ),
                said!("Choose a shorter name.", "请换一个短一些的名字。"),
            )
        }
        1102 | 1103 | 1166 | 1280 => {
            let name = names.at(0)?;
            (
                said!(
                    "The server does not take {name} as a name: a name may be neither empty nor end with a space.",
                    "服务器不接受 {name} 这个名字：名字不能为空，也不能以空格结尾。"
                ),
                said!("Choose another name.", "请换一个名字。"),
            )
        }
        1110 => {
            let column = names.at(0)?;
            (
                said!("The column {column} is written twice.", "列 {column} 写了两次。"),
                said!("Write it once.", "请只写一次。"),
            )
        }
        1826 | 3822 => {
            let key = names.at(0)?;
            (
                said!(
                    "There is a constraint {key} in this database already.",
                    "这个库里已经有名为 {key} 的约束。"
                ),
                said!("Choose another name for the constraint.", "请给约束换一个名字。"),
            )
        }
        3820 => {
            let (check, column) = (names.at(0)?, names.at(1)?);
            (
                said!(
                    "The check {check} looks at the column {column}, which the table does not have.",
                    "检查约束 {check} 用到了列 {column}，但表里没有这一列。"
                ),
                said!("Check the column's name.", "请检查列名。"),
            )
        }
        3821 | 3940 => {
            let check = names.at(0)?;
            (
                said!("The table has no constraint {check}.", "表里没有约束 {check}。"),
                said!("Check its name in the table's definition.", "请对照表结构检查名字。"),
            )
        }
        3959 | 4104 => {
            let (check, column) = (names.at(0)?, names.at(1)?);
            (
                said!(
                    "{column} can not be dropped or renamed: the check {check} looks at it.",
                    "无法删除或改名 {column}：检查约束 {check} 用到了它。"
                ),
                said!(
                    "Drop the check {check} first, in the same ALTER TABLE.",
                    "请在同一条 ALTER TABLE 里先删除检查约束 {check}。"
                ),
            )
        }
        1115 | 1273 => {
            let name = names.at(0)?;
            (
                said!(
                    "The server knows no character set or collation {name}.",
                    "服务器没有名为 {name} 的字符集或排序规则。"
                ),
                said!("Use one that it has, such as utf8mb4.", "请使用服务器支持的，例如 utf8mb4。"),
            )
        }
        1253 => {
            let (collation, set) = (names.at(0)?, names.at(1)?);
            (
                said!(
                    "The collation {collation} is none of the character set {set}.",
                    "排序规则 {collation} 不属于字符集 {set}。"
                ),
                said!(
                    "Choose a collation whose name begins with the character set's.",
                    "请选择以该字符集名字开头的排序规则。"
                ),
            )
        }
        1286 => {
            let engine = names.at(0)?;
            (
                said!("The server has no storage engine {engine}.", "服务器没有存储引擎 {engine}。"),
                said!("Write ENGINE=InnoDB, or leave the engine out.", "请写 ENGINE=InnoDB，或者不写引擎。"),
            )
        }
        _ => return None,
    };
    Some(explained)
}
