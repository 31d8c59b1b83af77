//! Columns, types, defaults and values.

use super::Names;
use dbdesk_commands::lang::{Said, said};

pub(super) fn explain(number: u16, names: &Names) -> Option<(Said, Said)> {
    column(number, names).or_else(|| table(number, names)).or_else(|| value(number, names))
}

/// What a column can not be.
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn column(number: u16, names: &Names) -> Option<(Said, Said)> {
    let explained = match number {
        1063 => {
            let column = names.at(0)?;
            (
                said!(
                    "{column} can not be defined like this: its type does not take one of the words behind it.",
                    "不能这样定义 {column}：它的类型不支持后面的某个关键字。"
                ),
                said!(
                    "AUTO_INCREMENT needs an integer type; UNSIGNED and ZEROFILL need a number.",
                    "AUTO_INCREMENT 只能用于整数类型，UNSIGNED 和 ZEROFILL 只能用于数字类型。"
                ),
            )
        }
        1067 => {
            let column = names.at(0)?;
            (
                said!(
                    "The default of {column} is no value of its type.",
                    "{column} 的默认值与它的类型不符。"
                ),
                said!(
                    "Write a default that the type takes; in strict mode '0000-00-00' is no date.",
                    "请写符合类型的默认值；严格模式下 '0000-00-00' 不是有效日期。"
                ),
            )
        }
        1074 => {
            let column = names.at(0)?;
            (
                said!(
                    "{column} would be longer than a column can be: with utf8mb4 a VARCHAR takes 16,383 characters.",
                    "{column} 超过列的最大长度：使用 utf8mb4 时 VARCHAR 最多 16383 个字符。"
                ),
                said!("Use TEXT, or a shorter VARCHAR.", "请改用 TEXT，或者缩短 VARCHAR。"),
            )
        }
        1101 => {
            let column = names.at(0)?;
            (
                said!(
                    "{column} is TEXT, BLOB, JSON or a geometry: it takes no default that is a plain value.",
                    "{column} 是 TEXT、BLOB、JSON 或几何类型，不能有普通的默认值。"
                ),
                said!(
                    "Leave the default out, or write it in brackets as an expression, such as DEFAULT ('').",
                    "请去掉默认值，或者写成括号里的表达式，例如 DEFAULT ('')。"
                ),
            )
        }
        1291 => {
            let (column, word) = (names.at(0)?, names.at(1)?);
            (
                said!("{column} lists the value {word} twice.", "{column} 的取值 {word} 写了两次。"),
                said!(
                    "Write each value of an ENUM or SET once; upper and lower case count as the same.",
                    "ENUM 或 SET 的每个取值只能写一次，大小写视为相同。"
                ),
            )
        }
        1294 => {
            let column = names.at(0)?;
            (
                said!(
                    "ON UPDATE does not fit {column}: it is for TIMESTAMP and DATETIME with the same fraction of seconds.",
                    "ON UPDATE 不适用于 {column}：只能用于 TIMESTAMP 和 DATETIME，而且小数秒位数要一致。"
                ),
                said!(
                    "Leave ON UPDATE out, or give both the same precision.",
                    "请去掉 ON UPDATE，或者让两边精度一致。"
                ),
            )
        }
        1425 | 1426 | 1427 | 1439 => {
            let column = names.at(0).unwrap_or_default();
            (
                said!(
                    "The length of {column} is not possible: DECIMAL takes 65 digits, 30 of them behind the point, and no more behind it than in all.",
                    "{column} 的长度不合法：DECIMAL 最多 65 位，其中小数最多 30 位，且小数位不能多于总位数。"
                ),
                said!(
                    "Write a smaller length, such as DECIMAL(20, 4).",
                    "请写小一些的长度，例如 DECIMAL(20, 4)。"
                ),
            )
        }
        1628 | 1629 => {
            let name = names.at(0)?;
            (
                said!(
                    "The comment of {name} is too long (1,024 characters for a column or index, 2,048 for a table).",
                    "{name} 的注释太长（列和索引最多 1024 个字符，表最多 2048 个）。"
                ),
                said!("Write a shorter comment.", "请缩短注释。"),
            )
        }
        1901 | 3102 | 3105 | 3106 | 3763 | 3770 => {
            let name = names.at(0)?;
            (
                said!(
                    "{name} is not possible in a generated column or a default.",
                    "{name} 不能用于生成列或默认值。"
                ),
                said!(
                    "Use functions that give the same answer each time, and no words that a generated column does not take.",
                    "请使用结果确定的函数，并去掉生成列不支持的关键字。"
                ),
            )
        }
        _ => return None,
    };
    Some(explained)
}

/// What a table can not be, or can not be made in this way.
fn table(number: u16, names: &Names) -> Option<(Said, Said)> {
    let explained = match number {
        1090 | 1113 | 4028 => (
            said!("A table must have at least one column.", "一张表至少要有一列。"),
            said!(
                "Keep a column, or drop the whole table with DROP TABLE.",
                "请至少保留一列；如果整张表都不要了，请用 DROP TABLE。"
            ),
        ),
        1117 => (
            said!(
                "The table would have more columns than InnoDB takes (1,017).",
                "列数超过 InnoDB 的上限（1017 列）。"
            ),
            said!("Move some columns into a table of their own.", "请把一部分列拆到另一张表。"),
        ),
        1118 => (
            said!(
                "A row would be too large: all columns together take 65,535 bytes, and what InnoDB keeps in the page about 8,000.",
                "一行的总长度太大：所有列加起来最多 65535 字节，InnoDB 页内大约 8000 字节。"
            ),
            said!(
                "Turn long VARCHAR columns into TEXT, or split the table.",
                "请把较长的 VARCHAR 改为 TEXT，或者拆表。"
            ),
        ),
        1235 => {
            let what = names.at(0).unwrap_or_default();
            (
                said!("This version of the server can not do that: {what}", "这个版本的服务器不支持：{what}"),
                said!("Write it without.", "请换一种不用它的写法。"),
            )
        }
        1221 => {
            let what = names.at(0).unwrap_or_default();
            (
                said!("These words do not go together here: {what}", "这些关键字不能在这里一起使用：{what}"),
                said!("Leave one of them out.", "请去掉其中一个。"),
            )
        }
        1845 | 1846 => {
            let what = names.at(0).unwrap_or_default();
            (
                said!(
                    "The server can not make this change in the way that ALGORITHM or LOCK demands: {what}",
                    "服务器不能按 ALGORITHM 或 LOCK 指定的方式完成这个修改：{what}"
                ),
                said!(
                    "Leave ALGORITHM and LOCK out, or ask a DBA for the way to run it.",
                    "请去掉 ALGORITHM 和 LOCK，或者请 DBA 决定执行方式。"
                ),
            )
        }
        3819 | 4025 => {
            let check = names.at(0)?;
            (
                said!("A row would break the check {check}.", "有数据违反检查约束 {check}。"),
                said!("Mend the values first, or the check.", "请先修正数据，或者修改约束。"),
            )
        }
        _ => return None,
    };
    Some(explained)
}

/// What can not be written into a row.
fn value(number: u16, names: &Names) -> Option<(Said, Said)> {
    let explained = match number {
        1136 => (
            said!(
                "The number of values is another than the number of columns.",
                "值的个数与列的个数不一致。"
            ),
            said!(
                "Give each column one value; it is best to write the columns out.",
                "请让每一列对应一个值，最好把列名写出来。"
            ),
        ),
        1222 => (
            said!(
                "The SELECTs of a UNION have different numbers of columns.",
                "UNION 两边 SELECT 的列数不同。"
            ),
            said!("Give both as many columns.", "请让两边的列数相同。"),
        ),
        1248 => (
            said!("A sub-select behind FROM has no name.", "FROM 后面的子查询没有别名。"),
            said!(
                "Write an alias behind its bracket, such as (SELECT …) AS t.",
                "请在括号后写上别名，例如 (SELECT …) AS t。"
            ),
        ),
        1093 => {
            let table = names.at(0)?;
            (
                said!(
                    "The statement changes {table} and reads it in a sub-select at the same time, which the server does not take.",
                    "语句一边修改 {table}，一边在子查询里读取它，服务器不允许这样做。"
                ),
                said!(
                    "Use a JOIN, or put the sub-select into one more: FROM (SELECT …) AS t.",
                    "请改用 JOIN，或者再套一层子查询：FROM (SELECT …) AS t。"
                ),
            )
        }
        1111 => (
            said!(
                "A function over groups (SUM, COUNT …) stands where it can not, such as in WHERE.",
                "聚合函数（SUM、COUNT 等）出现在不允许的位置，例如 WHERE 里。"
            ),
            said!("Put it into HAVING or a sub-select.", "请放到 HAVING 或子查询里。"),
        ),
        1264 | 1366 | 1406 | 1265 | 1292 => {
            let what = names.at(0).unwrap_or_default();
            (
                said!("A value does not fit its column: {what}", "值与列的类型或长度不符：{what}"),
                said!(
                    "Write a value that fits, or widen the column first.",
                    "请写合适的值，或者先加宽该列。"
                ),
            )
        }
        1364 | 1048 => {
            let column = names.at(0)?;
            (
                said!(
                    "The column {column} needs a value: it has no default and may not be NULL.",
                    "列 {column} 必须有值：它没有默认值，也不允许为 NULL。"
                ),
                said!("Give it a value.", "请为它写上值。"),
            )
        }
        1906 | 1696 => {
            let column = names.at(0)?;
            (
                said!(
                    "{column} is a generated column: the server computes it, nobody writes it.",
                    "{column} 是生成列，由服务器计算，不能写入。"
                ),
                said!("Leave it out.", "请去掉它。"),
            )
        }
        _ => return None,
    };
    Some(explained)
}
