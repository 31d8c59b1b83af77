//! What is no table and no row is known for what it is.

use dbdesk_review::{
    Facts, Settings, Span,
    shape::{Admin, Deed, ObjectKind, Shape, StoredObject, Task},
};

fn shape(sql: &str) -> (&'static str, Shape) {
    let script = dbdesk_review::read(sql).expect("a script");
    let [statement] = script.statements() else {
        panic!("{} statements in {sql}", script.statements().len())
    };
    let judged = dbdesk_review::judge(&script, &Facts::default(), &Settings::default());
    assert!(judged.findings().any(|found| found.level.blocks()), "{sql} passes");
    (statement.kind, statement.shape.clone())
}

fn object(sql: &str) -> StoredObject {
    match shape(sql) {
        (_, Shape::StoredObject(object)) => *object,
        other => panic!("{sql}: {other:?}"),
    }
}

fn admin(sql: &str) -> Admin {
    match shape(sql) {
        (_, Shape::Admin(admin)) => *admin,
        other => panic!("{sql}: {other:?}"),
    }
}

fn of(span: Option<Span>, sql: &str) -> &str {
    span.map_or("", |span| span.of(sql))
}

#[test]
fn a_view_tells_its_name_its_query_and_what_it_reads() {
    let sql = "CREATE OR REPLACE ALGORITHM=MERGE DEFINER=`app`@`%` SQL SECURITY INVOKER VIEW shop.v (a, b) AS SELECT o.* FROM orders o JOIN users USING (id) WITH LOCAL CHECK OPTION";
    let view = object(sql);
    assert_eq!((view.kind, view.deed, view.or_replace), (ObjectKind::View, Deed::Create, true));
    assert_eq!(view.names[0].span().of(sql), "shop.v");
    assert_eq!(of(view.definer, sql), "`app`@`%`");
    assert_eq!(of(view.body, sql), "SELECT o.* FROM orders o JOIN users USING (id)");
    assert_eq!(of(view.star, sql), "*");
    let reads: Vec<_> = view.reads.iter().map(|table| table.table.text.as_str()).collect();
    assert_eq!(reads, ["orders", "users"]);
    assert_eq!(object("DROP VIEW IF EXISTS a, b.c CASCADE").names.len(), 2);
    assert_eq!(object("ALTER VIEW v AS SELECT 1").deed, Deed::Alter);
}

#[test]
fn a_body_is_kept_as_it_is_and_not_read() {
    let sql = "DELIMITER $$\nCREATE DEFINER = 'root'@localhost TRIGGER IF NOT EXISTS tr BEFORE UPDATE ON shop.orders FOR EACH ROW FOLLOWS other lbl: BEGIN SET NEW.a = 1; SIGNAL SQLSTATE '45000'; END lbl$$";
    let trigger = object(sql);
    assert_eq!(trigger.kind, ObjectKind::Trigger);
    assert_eq!(trigger.table.as_ref().map(|table| table.span().of(sql)), Some("shop.orders"));
    assert_eq!(of(trigger.body, sql), "lbl: BEGIN SET NEW.a = 1; SIGNAL SQLSTATE '45000'; END lbl");
    assert_eq!(of(trigger.definer, sql), "'root'@localhost");
    for (sql, kind, deed) in [
        (
            "CREATE PROCEDURE p (IN a int, OUT b text) COMMENT 'x' SELECT 1",
            ObjectKind::Procedure,
            Deed::Create,
        ),
        ("CREATE FUNCTION f() RETURNS int DETERMINISTIC RETURN 1", ObjectKind::Function, Deed::Create),
        (
            "CREATE AGGREGATE FUNCTION f RETURNS STRING SONAME 'x.so'",
            ObjectKind::LoadableFunction,
            Deed::Create,
        ),
        ("CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM t", ObjectKind::Event, Deed::Create),
        ("ALTER EVENT e RENAME TO d.f", ObjectKind::Event, Deed::Alter),
        ("ALTER PROCEDURE p SQL SECURITY INVOKER", ObjectKind::Procedure, Deed::Alter),
        ("DROP FUNCTION IF EXISTS d.f", ObjectKind::Function, Deed::Drop),
        ("CREATE SEQUENCE s START WITH 5 INCREMENT BY 2", ObjectKind::Sequence, Deed::Create),
    ] {
        let object = object(sql);
        assert_eq!((object.kind, object.deed), (kind, deed), "{sql}");
    }
}

#[test]
fn only_a_body_may_hold_a_second_statement() {
    for sql in [
        "DELIMITER $$\nCREATE VIEW event AS SELECT 1; DROP TABLE orders$$",
        "DELIMITER $$\nCREATE TABLE t (id int) COMMENT 'x'; CREATE PROCEDURE p() SELECT 1$$",
        "DELIMITER $$\nALTER TABLE procedure.t ADD a int; DROP TABLE orders$$",
        "DELIMITER $$\nOPTIMIZE TABLE a; DROP TABLE orders$$",
        "DELIMITER $$\nDROP EVENT e; DROP TABLE orders$$",
    ] {
        assert_eq!(shape(sql).0, "not_analysable", "{sql}");
    }
}

#[test]
fn administration_is_told_by_what_it_is_about() {
    for (sql, task, words) in [
        ("OPTIMIZE LOCAL TABLE a, db.b", Task::Maintenance, "OPTIMIZE LOCAL TABLE"),
        ("ANALYZE TABLE a UPDATE HISTOGRAM ON c WITH 4 BUCKETS", Task::Maintenance, "ANALYZE TABLE"),
        ("LOCK TABLES a READ, b AS c WRITE", Task::Lock, "LOCK TABLES"),
        ("CREATE USER 'a'@'%' IDENTIFIED BY 'x'", Task::Account, "CREATE USER"),
        ("SET PASSWORD = 'x'", Task::Account, "SET PASSWORD"),
        ("KILL QUERY 5", Task::Kill, "KILL"),
        ("PURGE BINARY LOGS TO 'x'", Task::Server, "PURGE"),
        ("CHANGE REPLICATION SOURCE TO SOURCE_HOST = 'x'", Task::Replication, "CHANGE"),
        ("INSTALL PLUGIN a SONAME 'x'", Task::Plugin, "INSTALL"),
        ("ALTER TABLESPACE a RENAME TO b", Task::Tablespace, "ALTER TABLESPACE"),
        ("ALTER DATABASE shop CHARACTER SET utf8mb4", Task::Database, "ALTER DATABASE"),
        ("LOAD DATA LOCAL INFILE 'x' INTO TABLE db.t FIELDS TERMINATED BY ','", Task::LoadData, "LOAD DATA"),
        ("CALL p(1)", Task::Call, "CALL"),
    ] {
        let admin = admin(sql);
        assert_eq!((admin.task, admin.words.of(sql)), (task, words), "{sql}");
    }
    assert_eq!((shape("CALL p(1)").0, shape("DO SLEEP(4)").0), ("call", "do"), "a DO has no body");
    assert_eq!(admin("OPTIMIZE TABLE a, db.b").tables.len(), 2);
    assert_eq!(admin("LOCK TABLES a READ, b AS c WRITE").tables.len(), 2);
    assert_eq!(admin("LOAD DATA INFILE 'x' INTO TABLE db.t").tables.len(), 1);
    let sql = "GRANT SELECT (a, b), SUPER, all privileges ON *.* TO 'a'@'%' WITH GRANT OPTION";
    let grant = admin(sql).grant.expect("a grant");
    let privileges: Vec<_> = grant.privileges.iter().map(|span| span.of(sql)).collect();
    assert_eq!(privileges, ["SELECT (a, b)", "SUPER", "all privileges"]);
    assert!(grant.all && grant.superuser && grant.with_grant_option);
    assert_eq!(of(grant.on, sql), "*.*");
}
