//! The table. Versions are those of the servers' manuals; `components/tests/features.rs` asks servers whether they agree.

use super::{
    Row,
    Since::{Always, From, Never},
    instead::{
        CHANGE, COUNTING_COLUMN, DERIVED, DROP_AND_ADD_INDEX, DROP_BY_KIND, DROP_CHECK, DROP_CONSTRAINT,
        DROP_FIRST, EXCHANGE, EXISTS, EXTRACT_EACH, HISTORY_TABLE, INDEX_OF_GENERATED, INET4_AS_INT,
        INET6_AS_BINARY, JOIN_GROUPED, JSON_FUNCTIONS, JSON_IS_TEXT, LITERAL_DEFAULT, LOCK_TIMEOUT,
        LOOK_FIRST, NO_ALGORITHM, NO_CHECKS, NO_HIDDEN_INDEX, NO_SRID, NO_VECTOR_INDEX, NO_WINDOW,
        PLAIN_VALUES, REF_SYSTEM_ID, SELECT_FIRST, STORED, TWO_COLUMNS, UUID_AS_BINARY, VALUES_FUNCTION,
        VECTOR_AS_BLOB, VISIBLE_ONLY, WAIT_FOR_LOCKS,
    },
};

macro_rules! features {
    ($($name:ident { $($field:tt)* })*) => {
        /// Syntax that not every server knows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "each row of the table says what it is")]
        pub enum Feature { $($name),* }

        impl Feature {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// What is known of it.
            #[must_use]
            pub fn row(self) -> &'static Row {
                match self {
                    $(Self::$name => {
                        const ROW: Row = Row { $($field)* };
                        &ROW
                    })*
                }
            }
        }
    };
}

features! {
    RenameColumn {
        what: ("RENAME COLUMN", "RENAME COLUMN"),
        mysql: From(8, 0, 3, CHANGE),
        mariadb: From(10, 5, 2, CHANGE),
        example: "ALTER TABLE t RENAME COLUMN a TO c",
    }
    RenameIndex {
        what: ("RENAME INDEX", "RENAME INDEX"),
        mysql: From(5, 7, 1, DROP_AND_ADD_INDEX),
        mariadb: From(10, 5, 2, DROP_AND_ADD_INDEX),
        example: "ALTER TABLE t RENAME INDEX idx_a TO idx_c",
    }
    IndexVisibility {
        what: ("VISIBLE or INVISIBLE of an index", "索引的 VISIBLE / INVISIBLE"),
        mysql: From(8, 0, 0, NO_HIDDEN_INDEX),
        mariadb: Never((
            "Write IGNORED for INVISIBLE and NOT IGNORED for VISIBLE: MariaDB knows that since 10.6.",
            "INVISIBLE 请写成 IGNORED，VISIBLE 请写成 NOT IGNORED：MariaDB 10.6 起支持。",
        )),
        example: "ALTER TABLE t ALTER INDEX idx_a INVISIBLE",
    }
    VisibleIndex {
        what: ("VISIBLE of an index", "索引的 VISIBLE"),
        mysql: From(8, 0, 0, NO_HIDDEN_INDEX),
        mariadb: Always,
        example: "CREATE INDEX idx_b ON t (b) VISIBLE",
    }
    IndexIgnored {
        what: ("IGNORED of an index", "索引的 IGNORED"),
        mysql: Never((
            "Write INVISIBLE for IGNORED and VISIBLE for NOT IGNORED: MySQL knows that since 8.0.",
            "IGNORED 请写成 INVISIBLE，NOT IGNORED 请写成 VISIBLE：MySQL 8.0 起支持。",
        )),
        mariadb: From(10, 6, 0, NO_HIDDEN_INDEX),
        example: "ALTER TABLE t ALTER INDEX idx_a IGNORED",
    }
    FunctionalIndex {
        what: ("An expression as part of an index", "以表达式作为索引的一部分"),
        mysql: From(8, 0, 13, INDEX_OF_GENERATED),
        mariadb: Never(INDEX_OF_GENERATED),
        example: "CREATE INDEX idx_f ON t ((a + 1))",
    }
    ExpressionDefault {
        what: ("An expression as a default", "以表达式作为默认值"),
        mysql: From(8, 0, 13, LITERAL_DEFAULT),
        mariadb: From(10, 2, 1, LITERAL_DEFAULT),
        example: "ALTER TABLE t ADD COLUMN c int DEFAULT (1 + 1)",
    }
    CallAsDefault {
        what: ("A function call as a default without brackets around it", "不加括号的函数默认值"),
        mysql: Never((
            "Put brackets around it: DEFAULT (uuid()). MySQL takes expressions as defaults since 8.0.13.",
            "请加上括号：DEFAULT (uuid())。MySQL 8.0.13 起支持表达式默认值。",
        )),
        mariadb: From(10, 2, 1, LITERAL_DEFAULT),
        example: "ALTER TABLE t ADD COLUMN c varchar(36) DEFAULT uuid()",
    }
    AlgorithmInstant {
        what: ("ALGORITHM=INSTANT", "ALGORITHM=INSTANT"),
        mysql: From(8, 0, 12, NO_ALGORITHM),
        mariadb: From(10, 3, 2, NO_ALGORITHM),
        example: "ALTER TABLE t ADD COLUMN c int, ALGORITHM=INSTANT",
    }
    AlgorithmNocopy {
        what: ("ALGORITHM=NOCOPY", "ALGORITHM=NOCOPY"),
        mysql: Never(NO_ALGORITHM),
        mariadb: From(10, 3, 2, NO_ALGORITHM),
        example: "ALTER TABLE t ADD COLUMN c int, ALGORITHM=NOCOPY",
    }
    InvisibleColumn {
        what: ("An invisible column", "不可见列（INVISIBLE）"),
        mysql: From(8, 0, 23, VISIBLE_ONLY),
        mariadb: From(10, 3, 3, VISIBLE_ONLY),
        example: "ALTER TABLE t ADD COLUMN c int INVISIBLE",
    }
    VisibleColumn {
        what: ("VISIBLE of a column", "列的 VISIBLE"),
        mysql: From(8, 0, 23, VISIBLE_ONLY),
        mariadb: Never(("Leave it out: a column is visible unless INVISIBLE stands there.", "请去掉：没有写 INVISIBLE 的列就是可见的。")),
        example: "ALTER TABLE t ADD COLUMN c int VISIBLE",
    }
    SetInvisible {
        what: ("SET VISIBLE or SET INVISIBLE of a column", "列的 SET VISIBLE / SET INVISIBLE"),
        mysql: From(8, 0, 23, VISIBLE_ONLY),
        mariadb: Never((
            "Write MODIFY with the whole definition of the column, with or without INVISIBLE.",
            "请用 MODIFY 加上完整的列定义，并写上或去掉 INVISIBLE。",
        )),
        example: "ALTER TABLE t ALTER COLUMN a SET INVISIBLE",
    }
    Cte {
        what: ("WITH before a query", "查询前的 WITH"),
        mysql: From(8, 0, 1, DERIVED),
        mariadb: From(10, 2, 1, DERIVED),
        example: "INSERT INTO r (id) WITH c AS (SELECT 7 AS id) SELECT id FROM c",
    }
    CteOfChange {
        what: ("WITH before UPDATE or DELETE", "UPDATE 或 DELETE 前的 WITH"),
        mysql: From(8, 0, 1, DERIVED),
        mariadb: Never((
            "Join a derived table instead: UPDATE t JOIN (SELECT …) AS d ON … SET …",
            "请改成连接派生表：UPDATE t JOIN (SELECT …) AS d ON … SET …",
        )),
        example: "WITH c AS (SELECT id FROM r) UPDATE t SET a = 1 WHERE id IN (SELECT id FROM c)",
    }
    WindowFunction {
        what: ("A window function", "窗口函数"),
        mysql: From(8, 0, 2, NO_WINDOW),
        mariadb: From(10, 2, 0, NO_WINDOW),
        example: "INSERT INTO r (id) SELECT 10 + ROW_NUMBER() OVER (ORDER BY id) FROM t",
    }
    Lateral {
        what: ("LATERAL", "LATERAL"),
        mysql: From(8, 0, 14, JOIN_GROUPED),
        mariadb: Never(JOIN_GROUPED),
        example: "INSERT INTO r (id) SELECT x.id FROM t, LATERAL (SELECT t.id + 20 AS id) AS x",
    }
    JsonTable {
        what: ("JSON_TABLE", "JSON_TABLE"),
        mysql: From(8, 0, 4, EXTRACT_EACH),
        mariadb: From(10, 6, 0, EXTRACT_EACH),
        example: "INSERT INTO r (id) SELECT x.id FROM JSON_TABLE('[8]', '$[*]' COLUMNS (id int PATH '$')) AS x",
    }
    IntersectExcept {
        what: ("INTERSECT or EXCEPT", "INTERSECT / EXCEPT"),
        mysql: From(8, 0, 31, EXISTS),
        mariadb: From(10, 3, 0, EXISTS),
        example: "INSERT INTO r (id) SELECT id FROM t EXCEPT SELECT id FROM r",
    }
    RowAlias {
        what: ("An alias of the new row", "新行的别名"),
        mysql: From(8, 0, 19, VALUES_FUNCTION),
        mariadb: Never(VALUES_FUNCTION),
        example: "INSERT INTO t (id, a) VALUES (1, 2) AS new ON DUPLICATE KEY UPDATE a = new.a",
    }
    RowInValues {
        what: ("ROW in VALUES", "VALUES 里的 ROW"),
        mysql: From(8, 0, 19, PLAIN_VALUES),
        mariadb: Never(PLAIN_VALUES),
        example: "INSERT INTO r (id) VALUES ROW(8), ROW(9)",
    }
    ReturningOfInsert {
        what: ("RETURNING", "RETURNING"),
        mysql: Never(SELECT_FIRST),
        mariadb: From(10, 5, 0, SELECT_FIRST),
        example: "INSERT INTO r (id) VALUES (8) RETURNING id",
    }
    ReturningOfDelete {
        what: ("RETURNING", "RETURNING"),
        mysql: Never(SELECT_FIRST),
        mariadb: From(10, 0, 5, SELECT_FIRST),
        example: "DELETE FROM r WHERE id = 1 RETURNING id",
    }
    OrReplaceTable {
        what: ("CREATE OR REPLACE TABLE", "CREATE OR REPLACE TABLE"),
        mysql: Never(DROP_FIRST),
        mariadb: From(10, 0, 8, DROP_FIRST),
        example: "CREATE OR REPLACE TABLE n (id int PRIMARY KEY)",
    }
    OrReplaceRoutine {
        what: ("OR REPLACE of a routine, trigger or event", "存储程序、触发器或事件的 OR REPLACE"),
        mysql: Never(DROP_FIRST),
        mariadb: From(10, 1, 3, DROP_FIRST),
        example: "CREATE OR REPLACE PROCEDURE p() SELECT 1",
    }
    RoutineIfNotExists {
        what: ("IF NOT EXISTS of a routine or trigger", "存储程序或触发器的 IF NOT EXISTS"),
        mysql: From(8, 0, 29, LOOK_FIRST),
        mariadb: From(10, 1, 3, LOOK_FIRST),
        example: "CREATE PROCEDURE IF NOT EXISTS p() SELECT 1",
    }
    ViewIfNotExists {
        what: ("IF NOT EXISTS of a view", "视图的 IF NOT EXISTS"),
        mysql: From(9, 1, 0, LOOK_FIRST),
        mariadb: From(10, 1, 3, LOOK_FIRST),
        example: "CREATE VIEW IF NOT EXISTS v AS SELECT id FROM t",
    }
    IfExistsInAlter {
        what: ("IF [NOT] EXISTS at a part of ALTER TABLE", "ALTER TABLE 各部分的 IF [NOT] EXISTS"),
        mysql: Never(LOOK_FIRST),
        mariadb: From(10, 0, 2, LOOK_FIRST),
        example: "ALTER TABLE t ADD COLUMN IF NOT EXISTS c int, DROP INDEX IF EXISTS idx_x",
    }
    AlterTableIfExists {
        what: ("ALTER TABLE IF EXISTS", "ALTER TABLE IF EXISTS"),
        mysql: Never(LOOK_FIRST),
        mariadb: From(10, 5, 2, LOOK_FIRST),
        example: "ALTER TABLE IF EXISTS t ADD COLUMN c int",
    }
    RenameTableIfExists {
        what: ("RENAME TABLE IF EXISTS", "RENAME TABLE IF EXISTS"),
        mysql: Never(LOOK_FIRST),
        mariadb: From(10, 5, 2, LOOK_FIRST),
        example: "RENAME TABLE IF EXISTS t TO n",
    }
    IndexIfExists {
        what: ("IF [NOT] EXISTS at CREATE INDEX or DROP INDEX", "CREATE INDEX / DROP INDEX 的 IF [NOT] EXISTS"),
        mysql: Never(LOOK_FIRST),
        mariadb: From(10, 1, 4, LOOK_FIRST),
        example: "CREATE INDEX IF NOT EXISTS idx_b ON t (b)",
    }
    UuidType {
        what: ("The type UUID", "类型 UUID"),
        mysql: Never(UUID_AS_BINARY),
        mariadb: From(10, 7, 0, UUID_AS_BINARY),
        example: "ALTER TABLE t ADD COLUMN c uuid",
    }
    Inet6Type {
        what: ("The type INET6", "类型 INET6"),
        mysql: Never(INET6_AS_BINARY),
        mariadb: From(10, 5, 0, INET6_AS_BINARY),
        example: "ALTER TABLE t ADD COLUMN c inet6",
    }
    Inet4Type {
        what: ("The type INET4", "类型 INET4"),
        mysql: Never(INET4_AS_INT),
        mariadb: From(10, 10, 0, INET4_AS_INT),
        example: "ALTER TABLE t ADD COLUMN c inet4",
    }
    VectorType {
        what: ("The type VECTOR", "类型 VECTOR"),
        mysql: From(9, 0, 0, VECTOR_AS_BLOB),
        mariadb: From(11, 7, 1, VECTOR_AS_BLOB),
        example: "ALTER TABLE t ADD COLUMN c vector(3)",
    }
    VectorIndex {
        what: ("VECTOR INDEX", "VECTOR INDEX"),
        mysql: Never(NO_VECTOR_INDEX),
        mariadb: From(11, 7, 1, NO_VECTOR_INDEX),
        example: "ALTER TABLE t ADD VECTOR INDEX idx_v (b)",
    }
    Sequence {
        what: ("A sequence", "序列（SEQUENCE）"),
        mysql: Never(COUNTING_COLUMN),
        mariadb: From(10, 3, 0, COUNTING_COLUMN),
        example: "CREATE SEQUENCE other",
    }
    SystemVersioning {
        what: ("System versioning", "系统版本表（SYSTEM VERSIONING）"),
        mysql: Never(HISTORY_TABLE),
        mariadb: From(10, 3, 4, HISTORY_TABLE),
        example: "ALTER TABLE t ADD SYSTEM VERSIONING",
    }
    Period {
        what: ("A period", "时间段（PERIOD）"),
        mysql: Never(TWO_COLUMNS),
        mariadb: From(10, 4, 3, TWO_COLUMNS),
        example: "CREATE TABLE n (f date, u date, PERIOD FOR valid (f, u))",
    }
    WithoutOverlaps {
        what: ("WITHOUT OVERLAPS", "WITHOUT OVERLAPS"),
        mysql: Never(TWO_COLUMNS),
        mariadb: From(10, 5, 3, TWO_COLUMNS),
        example: "ALTER TABLE q ADD UNIQUE uk_q (id, valid WITHOUT OVERLAPS)",
    }
    SkipLocked {
        what: ("SKIP LOCKED", "SKIP LOCKED"),
        mysql: From(8, 0, 1, WAIT_FOR_LOCKS),
        mariadb: From(10, 6, 0, WAIT_FOR_LOCKS),
        example: "INSERT INTO r (id) SELECT id + 40 FROM t FOR UPDATE SKIP LOCKED",
    }
    NowaitOfSelect {
        what: ("NOWAIT of a locking query", "加锁查询的 NOWAIT"),
        mysql: From(8, 0, 1, WAIT_FOR_LOCKS),
        mariadb: From(10, 3, 0, WAIT_FOR_LOCKS),
        example: "INSERT INTO r (id) SELECT id + 50 FROM t FOR UPDATE NOWAIT",
    }
    JsonArrow {
        what: ("The arrow of JSON (`->`, `->>`)", "JSON 箭头运算符（`->`、`->>`）"),
        mysql: From(5, 7, 13, JSON_FUNCTIONS),
        mariadb: Never(JSON_FUNCTIONS),
        example: "UPDATE t SET a = 1 WHERE note->>'$.a' = '1'",
    }
    CastAsJson {
        what: ("CAST(… AS JSON)", "CAST(… AS JSON)"),
        mysql: From(5, 7, 8, EXTRACT_EACH),
        mariadb: Never(JSON_IS_TEXT),
        example: "UPDATE t SET note = CAST('{}' AS JSON) WHERE id = 1",
    }
    DropConstraint {
        what: ("DROP CONSTRAINT", "DROP CONSTRAINT"),
        mysql: From(8, 0, 19, DROP_BY_KIND),
        mariadb: From(10, 2, 1, DROP_BY_KIND),
        example: "ALTER TABLE t DROP CONSTRAINT ck_a",
    }
    DropCheck {
        what: ("DROP CHECK", "DROP CHECK"),
        mysql: From(8, 0, 16, NO_CHECKS),
        mariadb: Never(DROP_CONSTRAINT),
        example: "ALTER TABLE t DROP CHECK ck_a",
    }
    AlterCheck {
        what: ("ALTER CHECK", "ALTER CHECK"),
        mysql: From(8, 0, 16, NO_CHECKS),
        mariadb: Never(DROP_CHECK),
        example: "ALTER TABLE t ALTER CHECK ck_a NOT ENFORCED",
    }
    AlterConstraint {
        what: ("ALTER CONSTRAINT", "ALTER CONSTRAINT"),
        mysql: From(8, 0, 19, NO_CHECKS),
        mariadb: Never(DROP_CHECK),
        example: "ALTER TABLE t ALTER CONSTRAINT ck_a NOT ENFORCED",
    }
    Enforced {
        what: ("ENFORCED of a check", "CHECK 的 ENFORCED"),
        mysql: From(8, 0, 16, NO_CHECKS),
        mariadb: Never(DROP_CHECK),
        example: "ALTER TABLE t ADD CONSTRAINT ck_b CHECK (b > 0) NOT ENFORCED",
    }
    WaitOfTable {
        what: ("WAIT or NOWAIT", "WAIT / NOWAIT"),
        mysql: Never(LOCK_TIMEOUT),
        mariadb: From(10, 3, 0, LOCK_TIMEOUT),
        example: "ALTER TABLE t NOWAIT ADD COLUMN c int",
    }
    Persistent {
        what: ("PERSISTENT", "PERSISTENT"),
        mysql: Never(STORED),
        mariadb: Always,
        example: "ALTER TABLE t ADD COLUMN c int AS (a + 1) PERSISTENT",
    }
    ConvertPartition {
        what: ("CONVERT of a partition and a table", "分区与表互转（CONVERT）"),
        mysql: Never(EXCHANGE),
        mariadb: From(10, 7, 1, EXCHANGE),
        example: "ALTER TABLE parted CONVERT PARTITION p0 TO TABLE n",
    }
    Srid {
        what: ("SRID of a column", "列的 SRID"),
        mysql: From(8, 0, 3, NO_SRID),
        mariadb: Never(REF_SYSTEM_ID),
        example: "CREATE TABLE n (g point NOT NULL SRID 4326)",
    }
}
