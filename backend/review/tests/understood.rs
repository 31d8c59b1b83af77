//! Statements that real servers accept, in all the ways they are written: every one is understood.

use dbdesk_review::{Facts, Flavour, Settings};

const BOTH: &[&str] = &[
    "UPDATE LOW_PRIORITY IGNORE t SET a = 1 WHERE id = 1",
    "UPDATE t1, t2 SET t1.a = t2.b WHERE t1.id = t2.id",
    "UPDATE t1 LEFT JOIN db.t2 AS x USING (id) SET t1.a = x.b, x.c = DEFAULT WHERE x.id IS NULL",
    "UPDATE t PARTITION (p0) SET a = 1 WHERE id = 1",
    "UPDATE t USE INDEX (idx_a) SET a = a + 1 WHERE a > 5 ORDER BY a DESC LIMIT 5",
    "UPDATE t SET a = CASE id WHEN 1 THEN 'x' ELSE a END, b = NOW() - INTERVAL 1 DAY WHERE id IN (1, 2)",
    "UPDATE t SET a = JSON_SET(a, '$.b', 1), c = a->>'$.x' WHERE a->'$.b' = 1",
    "UPDATE t SET a = (SELECT MAX(b) FROM u WHERE u.id = t.id) WHERE NOT EXISTS (SELECT 1 FROM v WHERE v.id = t.id)",
    "UPDATE t SET a = x'1F', b = 0x1F, c = b'01', d = N'x', e = _utf8mb4'x' WHERE id <=> NULL",
    "UPDATE t SET a = 'it''s' 'two' WHERE b REGEXP '^a' AND c NOT LIKE 'x%' ESCAPE '|' XOR d",
    "UPDATE t SET a = CAST(b AS UNSIGNED), c = CONVERT(d USING utf8mb4), e = BINARY f WHERE id MOD 2 = 1 AND id DIV 2 = 3",
    "UPDATE t SET a = ~b & 1 | 2 ^ 3 << 4 WHERE !c",
    "UPDATE t SET t.where = 1 WHERE `select` = 2",
    "DELETE LOW_PRIORITY QUICK IGNORE FROM t WHERE id = 1",
    "DELETE FROM t PARTITION (p0, p1) WHERE id = 1",
    "DELETE t1, t2 FROM t1 INNER JOIN t2 ON t1.id = t2.id WHERE t1.a = 1",
    "DELETE FROM t1.*, db.t2.* USING t1 JOIN db.t2 ON t1.id = t2.id WHERE t1.a = 1",
    "DELETE a FROM t AS a JOIN t AS b ON a.x = b.x AND a.id > b.id WHERE a.id > 0",
    "DELETE FROM t WHERE created_at < DATE_SUB(NOW(), INTERVAL 30 DAY) ORDER BY id LIMIT 100",
    "DELETE FROM t WHERE (a, b) IN ((1, 2), (3, 4))",
    "DELETE FROM t WHERE MATCH (a) AGAINST ('x' IN BOOLEAN MODE)",
    "DELETE FROM t WHERE TIMESTAMPDIFF(HOUR, a, b) > 1 AND EXTRACT(YEAR FROM c) = 2020",
    "INSERT t VALUES ()",
    "INSERT INTO t () VALUES ()",
    "INSERT HIGH_PRIORITY IGNORE INTO db.t (a, b) VALUE (1, DEFAULT), (NOW(), -1.5e3)",
    "INSERT INTO t SET a = 1, b = DEFAULT(b)",
    "INSERT INTO t PARTITION (p0) (a) SELECT b FROM u WHERE c = 1",
    "INSERT INTO t (a) (SELECT b FROM u)",
    "INSERT INTO t (a) SELECT 1 UNION ALL SELECT 2 ON DUPLICATE KEY UPDATE a = VALUES(a) + 1",
    "INSERT INTO t (a) WITH x AS (SELECT 1 AS b) SELECT b FROM x",
    "INSERT INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE a = a + 1, b = IF(a > 1, b, VALUES(b))",
    "REPLACE LOW_PRIORITY INTO t (a) VALUES (1)",
    "REPLACE t SET a = 1",
    "TRUNCATE t",
    "RENAME TABLE a TO b, c TO db.d",
    "CREATE TABLE t (a int(11) unsigned zerofill NOT NULL auto_increment, b char(3) character set latin1 binary default 'x' comment 'y', c enum('a','b') not null default 'a', d set('x'), e timestamp(3) null default current_timestamp(3) on update current_timestamp(3), f decimal(10,2) default -1.50, g double precision, h national varchar(3), i long varchar, j bit(3) default b'101', k year, l geometry, m json, primary key using btree (a desc), unique key uniq_b (b(2)), key idx_c (c, d) using btree comment 'x' key_block_size = 8, fulltext index ft (b), constraint fk foreign key (a) references u (id) on delete cascade on update set null, constraint chk check (a > 0)) engine = innodb default charset = utf8mb4 collate utf8mb4_bin auto_increment 7 comment 'x' row_format dynamic",
    "CREATE TABLE t (id int PRIMARY KEY, a int AS (id + 1) VIRTUAL, b int GENERATED ALWAYS AS (id * 2) STORED UNIQUE)",
    "CREATE TEMPORARY TABLE IF NOT EXISTS t LIKE db.u",
    "CREATE TABLE t (LIKE u)",
    "CREATE TABLE t (id int PRIMARY KEY) PARTITION BY RANGE (id) SUBPARTITION BY HASH (id) SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN (5) COMMENT = 'x', PARTITION p1 VALUES LESS THAN MAXVALUE)",
    "CREATE TABLE t (id int PRIMARY KEY) PARTITION BY KEY () PARTITIONS 4",
    "CREATE TABLE t (id int PRIMARY KEY) PARTITION BY LIST COLUMNS (id) (PARTITION a VALUES IN (1, 2))",
    "CREATE TABLE t (PRIMARY KEY (id)) ENGINE=InnoDB AS SELECT id FROM u",
    "CREATE TABLE t SELECT 1 AS a",
    "CREATE UNIQUE INDEX uniq_a USING BTREE ON t (a, b(10) DESC) COMMENT 'x' ALGORITHM = INPLACE LOCK = NONE",
    "CREATE FULLTEXT INDEX ft ON t (a) WITH PARSER ngram",
    "DROP INDEX a ON t LOCK = NONE",
    "DROP TABLE IF EXISTS a, db.b RESTRICT",
    "CREATE DATABASE IF NOT EXISTS d CHARACTER SET = utf8mb4 COLLATE utf8mb4_bin",
    "ALTER TABLE t ADD COLUMN a int NOT NULL DEFAULT 0 AFTER b, ADD (c int, KEY idx_c (c), d text), ADD COLUMN (x int), DROP COLUMN e, DROP f, MODIFY COLUMN g bigint FIRST, CHANGE h i int NULL, RENAME COLUMN j TO k",
    "ALTER TABLE t ADD INDEX idx_a (a), ADD UNIQUE uniq_b (b), ADD PRIMARY KEY (c), ADD CONSTRAINT fk FOREIGN KEY (d) REFERENCES u (id), ADD FULLTEXT KEY (e), DROP KEY x, DROP PRIMARY KEY, DROP FOREIGN KEY y, RENAME INDEX m TO n",
    "ALTER TABLE t ENGINE InnoDB, COMMENT = 'x', AUTO_INCREMENT = 5, DEFAULT CHARACTER SET utf8mb4 COLLATE = utf8mb4_bin, ROW_FORMAT = COMPRESSED KEY_BLOCK_SIZE = 8",
    "ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
    "ALTER TABLE t ALTER COLUMN a SET DEFAULT 5, ALTER b DROP DEFAULT, ALTER COLUMN c SET DEFAULT 'x'",
    "ALTER TABLE t ORDER BY a, b DESC",
    "ALTER TABLE t FORCE, ALGORITHM=COPY, LOCK=SHARED",
    "ALTER TABLE t DISABLE KEYS",
    "ALTER TABLE t RENAME AS u",
    "ALTER TABLE t ADD PARTITION (PARTITION p3 VALUES LESS THAN (9))",
    "ALTER TABLE t ADD PARTITION PARTITIONS 2",
    "ALTER TABLE t REORGANIZE PARTITION p0, p1 INTO (PARTITION p VALUES LESS THAN (5))",
    "ALTER TABLE t COALESCE PARTITION 2",
    "ALTER TABLE t REBUILD PARTITION ALL",
    "ALTER TABLE t TRUNCATE PARTITION p0",
    "ALTER TABLE t EXCHANGE PARTITION p0 WITH TABLE u",
    "ALTER TABLE t REMOVE PARTITIONING",
    "ALTER TABLE t ENGINE = InnoDB PARTITION BY HASH (id) PARTITIONS 4",
    "ALTER TABLE t ADD CHECK (a > 0), ADD CONSTRAINT c CHECK (b < 5), DROP CONSTRAINT d",
];

const MYSQL: &[&str] = &[
    "ALTER TABLE t ALTER INDEX a INVISIBLE, ALTER CHECK c NOT ENFORCED, DROP CHECK d",
    "ALTER TABLE t ADD INDEX idx_f ((LOWER(a)), b DESC) INVISIBLE, ADD COLUMN e json DEFAULT (JSON_ARRAY()) INVISIBLE",
    "INSERT INTO t (a) VALUES ROW(1), ROW(2)",
    "INSERT INTO t (a) VALUES (1) AS new (x) ON DUPLICATE KEY UPDATE a = new.x",
    "CREATE TABLE t (id int PRIMARY KEY, p point NOT NULL SRID 4326, SPATIAL INDEX (p)) ENCRYPTION = 'Y' SECONDARY_ENGINE = x",
];

const MARIADB: &[&str] = &[
    "CREATE OR REPLACE TABLE t (id uuid DEFAULT uuid() PRIMARY KEY, a inet6, b int AS (1) PERSISTENT)",
    "ALTER TABLE IF EXISTS t NOWAIT ADD COLUMN IF NOT EXISTS a int, DROP INDEX IF EXISTS b, DROP COLUMN IF EXISTS c",
    "ALTER ONLINE TABLE t ADD SYSTEM VERSIONING",
    "DELETE FROM t WHERE id = 1 RETURNING id, a",
    "INSERT INTO t (a) VALUES (1) RETURNING id",
    "CREATE INDEX IF NOT EXISTS idx_a ON t (a) IGNORED",
    "CREATE TABLE t (id int PRIMARY KEY) WITH SYSTEM VERSIONING PAGE_COMPRESSED = 1",
];

#[test]
fn what_servers_accept_is_understood() {
    let mut unread = Vec::new();
    for (flavour, statements) in
        [(Flavour::mysql(8, 0), [BOTH, MYSQL].concat()), (Flavour::mariadb(10, 11), [BOTH, MARIADB].concat())]
    {
        for sql in statements {
            let script = dbdesk_review::read(sql).expect("a script");
            let settings = Settings { flavour, ..Settings::default() };
            let judged = dbdesk_review::judge(&script, &Facts::default(), &settings);
            for found in judged.findings() {
                if matches!(
                    &*found.rule,
                    "not-analysable" | "syntax-error" | "syntax-of-another-server" | "full-width-punctuation"
                ) {
                    unread.push(format!(
                        "{flavour}: {} at `{}`\n   {sql}",
                        found.rule,
                        &sql[found.span.start..found.span.end]
                    ));
                }
            }
        }
    }
    assert!(unread.is_empty(), "{} are not understood:\n{}", unread.len(), unread.join("\n"));
}
