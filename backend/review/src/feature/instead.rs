//! What to write where a server lacks something.

use super::Instead;

pub(super) const CHANGE: Instead = (
    "Write CHANGE old new with the whole definition of the column instead, as SHOW CREATE TABLE shows it.",
    "请改写成 CHANGE 旧列名 新列名 加上完整的列定义（以 SHOW CREATE TABLE 的输出为准）。",
);
pub(super) const DROP_AND_ADD_INDEX: Instead = (
    "Write DROP INDEX old, ADD INDEX new (…) in one ALTER TABLE instead: the index is built anew.",
    "请在同一条 ALTER TABLE 里改写成 DROP INDEX 旧索引, ADD INDEX 新索引 (…)：索引会重建。",
);
pub(super) const NO_HIDDEN_INDEX: Instead = (
    "Leave it out: this server cannot hide an index. To stop using one, drop it.",
    "请去掉：这个版本不能隐藏索引。不再需要的索引请直接删除。",
);
pub(super) const INDEX_OF_GENERATED: Instead = (
    "Add a generated column with this expression and put the index on the column: ADD COLUMN c … AS (…), ADD INDEX (c).",
    "请先加一个以该表达式生成的列，再在这个列上建索引：ADD COLUMN c … AS (…), ADD INDEX (c)。",
);
pub(super) const LITERAL_DEFAULT: Instead = (
    "Only a literal or CURRENT_TIMESTAMP can be the default here: leave it out, and let the application write the value.",
    "这里的默认值只能是字面量或 CURRENT_TIMESTAMP：请去掉，由应用写入这个值。",
);
pub(super) const NO_ALGORITHM: Instead = (
    "Leave it out: the server takes the lightest way that it knows by itself.",
    "请去掉：服务器会自己选它支持的最轻的方式。",
);
pub(super) const VISIBLE_ONLY: Instead = (
    "Leave it out: every column is visible here. Name the columns in SELECT and INSERT instead of hiding one.",
    "请去掉：这里的列都是可见的。与其隐藏列，不如在 SELECT 和 INSERT 里写明列名。",
);
pub(super) const DERIVED: Instead = (
    "Write the query as a derived table, FROM (SELECT …) AS name, or put its rows into a table first.",
    "请把它写成派生表：FROM (SELECT …) AS 名称，或先把结果放进一张表。",
);
pub(super) const NO_WINDOW: Instead = (
    "Write it with GROUP BY and a join, or work it out in the application.",
    "请用 GROUP BY 加连接来写，或在应用里计算。",
);
pub(super) const JOIN_GROUPED: Instead = (
    "Join a derived table that is grouped by the link, or write a sub-select for each column.",
    "请连接一个按关联列分组的派生表，或为每一列写一个子查询。",
);
pub(super) const EXTRACT_EACH: Instead = (
    "Take the values out with JSON_EXTRACT, or let the application take the JSON apart.",
    "请用 JSON_EXTRACT 取值，或由应用拆解 JSON。",
);
pub(super) const EXISTS: Instead = (
    "Write WHERE EXISTS (…) or WHERE NOT EXISTS (…) with the second query.",
    "请把第二个查询写进 WHERE EXISTS (…) 或 WHERE NOT EXISTS (…)。",
);
pub(super) const VALUES_FUNCTION: Instead = (
    "Write VALUES(column) for the new value instead: SET a = VALUES(a).",
    "请用 VALUES(列名) 表示新值：SET a = VALUES(a)。",
);
pub(super) const PLAIN_VALUES: Instead = (
    "Write the rows without the word ROW: VALUES (1, 2), (3, 4).",
    "请去掉 ROW 一词：VALUES (1, 2), (3, 4)。",
);
pub(super) const SELECT_FIRST: Instead = (
    "Leave it out. If the rows are needed, SELECT them before the change in the same transaction.",
    "请去掉。需要这些行时，请在同一事务里变更之前先 SELECT。",
);
pub(super) const DROP_FIRST: Instead = (
    "Leave OR REPLACE out; if it may be there already, write a DROP … IF EXISTS statement before it.",
    "请去掉 OR REPLACE；如果可能已存在，请先写一条 DROP … IF EXISTS。",
);
pub(super) const LOOK_FIRST: Instead = (
    "Leave IF [NOT] EXISTS out: the review says whether it is there already.",
    "请去掉 IF [NOT] EXISTS：评审会指出对象是否已经存在。",
);
pub(super) const UUID_AS_BINARY: Instead = (
    "Write BINARY(16), or CHAR(36) CHARACTER SET ascii for the text form.",
    "请用 BINARY(16)；要存文本形式则用 CHAR(36) CHARACTER SET ascii。",
);
pub(super) const INET6_AS_BINARY: Instead = (
    "Write VARBINARY(16) with INET6_ATON() and INET6_NTOA().",
    "请用 VARBINARY(16)，配合 INET6_ATON() 和 INET6_NTOA()。",
);
pub(super) const INET4_AS_INT: Instead = (
    "Write INT UNSIGNED with INET_ATON() and INET_NTOA().",
    "请用 INT UNSIGNED，配合 INET_ATON() 和 INET_NTOA()。",
);
pub(super) const VECTOR_AS_BLOB: Instead =
    ("Keep it as VARBINARY(n): four bytes for each number.", "请用 VARBINARY(n) 存放：每个数占四个字节。");
pub(super) const NO_VECTOR_INDEX: Instead =
    ("Leave it out: this server has no index for vectors.", "请去掉：这个服务器没有向量索引。");
pub(super) const COUNTING_COLUMN: Instead = (
    "Use an AUTO_INCREMENT column, or a table with one row that counts.",
    "请用 AUTO_INCREMENT 列，或用一张只有一行的计数表。",
);
pub(super) const HISTORY_TABLE: Instead = (
    "Leave it out; keep old rows in a history table that the application or a trigger writes.",
    "请去掉；旧数据请由应用或触发器写进历史表。",
);
pub(super) const TWO_COLUMNS: Instead = (
    "Leave it out; keep two columns with the beginning and the end, and write the conditions out.",
    "请去掉；用起止两列保存，并在条件里写明。",
);
pub(super) const WAIT_FOR_LOCKS: Instead = (
    "Leave it out: a plain FOR UPDATE waits for the locks, as long as innodb_lock_wait_timeout says.",
    "请去掉：普通的 FOR UPDATE 会等待锁，时长由 innodb_lock_wait_timeout 决定。",
);
pub(super) const JSON_FUNCTIONS: Instead = (
    "Write JSON_EXTRACT(column, path) for `->` and JSON_UNQUOTE(JSON_EXTRACT(column, path)) for `->>`.",
    "`->` 请写成 JSON_EXTRACT(列, 路径)，`->>` 请写成 JSON_UNQUOTE(JSON_EXTRACT(列, 路径))。",
);
pub(super) const JSON_IS_TEXT: Instead = (
    "Leave the CAST out: JSON is text here. JSON_COMPACT(x) makes a JSON value of a text.",
    "请去掉 CAST：这里的 JSON 就是文本。需要把文本当 JSON 值时用 JSON_COMPACT(x)。",
);
pub(super) const DROP_BY_KIND: Instead = (
    "Write what it is: DROP FOREIGN KEY name, DROP INDEX name or DROP PRIMARY KEY; checks are not kept at all.",
    "请写明种类：DROP FOREIGN KEY 名称、DROP INDEX 名称或 DROP PRIMARY KEY；这个版本不保存 CHECK。",
);
pub(super) const NO_CHECKS: Instead =
    ("Leave it out: this version keeps no checks.", "请去掉：这个版本不保存 CHECK 约束。");
pub(super) const DROP_CONSTRAINT: Instead =
    ("Write DROP CONSTRAINT name instead.", "请改写成 DROP CONSTRAINT 名称。");
pub(super) const DROP_CHECK: Instead = (
    "Leave it out: a check always holds here. To switch it off, DROP CONSTRAINT name; to have it back, ADD CONSTRAINT.",
    "请去掉：这里的 CHECK 总是生效。要停用请 DROP CONSTRAINT 名称，要恢复请 ADD CONSTRAINT。",
);
pub(super) const LOCK_TIMEOUT: Instead = (
    "Leave it out: how long a statement waits for the table is set when it runs (lock_wait_timeout).",
    "请去掉：等待表锁的时长在执行时设置（lock_wait_timeout）。",
);
pub(super) const STORED: Instead =
    ("Write STORED instead: it means the same.", "请改写成 STORED，含义相同。");
pub(super) const EXCHANGE: Instead = (
    "Make a table of the same structure and write EXCHANGE PARTITION p WITH TABLE t instead.",
    "请先建一张结构相同的表，再用 EXCHANGE PARTITION p WITH TABLE t。",
);
pub(super) const REF_SYSTEM_ID: Instead =
    ("Write REF_SYSTEM_ID = n instead.", "请改写成 REF_SYSTEM_ID = n。");
pub(super) const NO_SRID: Instead = (
    "Leave it out: this version does not bind a column to a reference system.",
    "请去掉：这个版本不能给列指定空间参考系。",
);
