//! Partitions.

use super::Names;
use dbdesk_commands::lang::{Said, said};

pub(super) fn explain(number: u16, names: &Names) -> Option<(Said, Said)> {
    let explained = match number {
        1503 => (
            said!(
                "The table is partitioned: every column that decides the partition must be in the primary key and in each unique key.",
                "这是分区表：决定分区的列必须包含在主键和每个唯一索引里。"
            ),
            said!("Add the partitioning column to the key.", "请把分区列加到该主键或唯一索引里。"),
        ),
        1486 | 1564 => (
            said!("The partitioning function is none that the server takes.", "服务器不接受这个分区函数。"),
            said!(
                "Use a plain integer column, or a function such as TO_DAYS(…).",
                "请使用整数列，或者 TO_DAYS(…) 之类的函数。"
            ),
        ),
        1488 => (
            said!(
                "The partitions are decided by a column that the table does not have.",
                "分区用到的列在表里不存在。"
            ),
            said!("Check the column's name behind PARTITION BY.", "请检查 PARTITION BY 后面的列名。"),
        ),
        1493 => (
            said!(
                "The bounds of the partitions do not rise: each VALUES LESS THAN must be above the one before.",
                "分区的上界没有递增：每个 VALUES LESS THAN 都必须大于前一个。"
            ),
            said!(
                "Put them in order. Before a partition MAXVALUE none can be added: REORGANIZE it instead.",
                "请按从小到大排列；有 MAXVALUE 分区时不能直接追加，请用 REORGANIZE PARTITION。"
            ),
        ),
        1481 => (
            said!("MAXVALUE can only bound the last partition.", "MAXVALUE 只能用于最后一个分区。"),
            said!(
                "To add a partition before it, REORGANIZE the last one.",
                "要在它前面加分区，请对最后一个分区执行 REORGANIZE PARTITION。"
            ),
        ),
        1505 => (
            said!("The table has no partitions.", "这张表没有分区。"),
            said!("Leave the partition out, or check the table's name.", "请去掉分区操作，或者检查表名。"),
        ),
        1507 | 1735 => (
            said!("A partition that is named here is not there.", "这里写的分区不存在。"),
            said!("Check the partitions' names in the table's definition.", "请对照表结构检查分区名。"),
        ),
        1508 => (
            said!(
                "All partitions would be gone; a table needs one at least.",
                "不能删除所有分区，表至少要有一个分区。"
            ),
            said!("Keep one, or drop the table.", "请保留一个分区；如果整张表都不要了，请用 DROP TABLE。"),
        ),
        1517 => {
            let name = names.at(0).unwrap_or_default();
            (
                said!("There are two partitions of one name: {name}", "有两个同名的分区：{name}"),
                said!("Choose another name.", "请换一个名字。"),
            )
        }
        1506 => (
            said!(
                "A partitioned table can have no foreign keys, and none can refer to it.",
                "分区表不能有外键，也不能被外键引用。"
            ),
            said!("Leave the foreign key or the partitions out.", "请去掉外键或分区。"),
        ),
        _ => return None,
    };
    Some(explained)
}
