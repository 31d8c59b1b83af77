//! Scripts to measure by: statements as developers write them, the same for the same seed. All of them are read by the bare
//! sqlparser too, so that both do the whole work.

/// A sequence of numbers out of a seed (`SplitMix64`).
struct Seq(u64);

impl Seq {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % below
    }

    fn of(&mut self, words: &[&'static str]) -> &'static str {
        usize::try_from(self.next(words.len() as u64))
            .ok()
            .and_then(|at| words.get(at))
            .copied()
            .unwrap_or_default()
    }
}

const TABLES: &[&str] = &["orders", "users", "carts", "order_item", "coupon_log", "`stock`", "shop.payments"];
const COLUMNS: &[&str] = &["note", "total", "state", "user_id", "paid_at", "`memo`", "gone"];
const TEXTS: &[&str] = &["paid", "it''s done", "已发货", "a \\'b\\'", "", "2024-01-01 00:00:00"];
const TYPES: &[&str] =
    &["bigint unsigned", "int", "varchar(64)", "decimal(12,2)", "datetime", "text", "tinyint(1)"];

/// The sorts of scripts.
#[derive(Clone, Copy)]
pub enum Sort {
    /// INSERT, UPDATE, DELETE and their like.
    Dml,
    /// CREATE, ALTER, DROP.
    Ddl,
    /// Both: nine of ten are DML.
    Mixed,
    /// Short ones, so that 50,000 of them fit.
    Short,
}

/// So many statements of a sort.
pub fn script(sort: Sort, count: usize) -> String {
    let mut seq = Seq(42);
    let mut text = String::new();
    for at in 0..count {
        let one = match sort {
            Sort::Short => short(&mut seq),
            Sort::Ddl => ddl(&mut seq, at),
            Sort::Mixed if seq.next(10) == 0 => ddl(&mut seq, at),
            Sort::Dml | Sort::Mixed => dml(&mut seq),
        };
        text.push_str(&one);
        text.push_str(";\n");
    }
    text
}

/// One INSERT of so many rows.
pub fn insert(rows: usize) -> String {
    let one = "(1, 'it''s a note', 2.5, NULL)";
    format!("INSERT INTO orders (id, note, total, gone) VALUES {}{one}", format!("{one}, ").repeat(rows - 1))
}

fn dml(seq: &mut Seq) -> String {
    let (table, column, text) = (seq.of(TABLES), seq.of(COLUMNS), seq.of(TEXTS));
    let (id, other) = (seq.next(1_000_000), seq.next(1_000));
    match seq.next(10) {
        0 | 1 => format!("UPDATE {table} SET {column} = '{text}' WHERE id = {id}"),
        2 => format!(
            "UPDATE {table} SET {column} = {column} + 1.5, note = CONCAT(note, '{text}') WHERE id IN ({id}, {other}, 17) AND user_id = {other}"
        ),
        3 => format!(
            "UPDATE orders o JOIN users u ON u.id = o.user_id SET o.{column} = u.name WHERE u.id = {id} AND o.state <> '{text}'"
        ),
        4 => {
            format!("DELETE FROM {table} WHERE created_at < '2024-01-01' AND (gone = 1 OR {column} IS NULL)")
        }
        5 => format!("DELETE FROM {table} WHERE id = {id}"),
        6 => format!(
            "INSERT INTO {table} (id, {column}, mail) VALUES ({id}, '{text}', 'a@x'), ({other}, 'b', NULL), (3, 'c', 'c@x')"
        ),
        7 => format!(
            "INSERT INTO {table} (id, {column}) VALUES ({id}, '{text}') ON DUPLICATE KEY UPDATE {column} = '{text}'"
        ),
        8 => format!("REPLACE INTO {table} (id, {column}) VALUES ({id}, '{text}')"),
        _ => format!(
            "INSERT INTO {table} (id, {column}) SELECT id, {column} FROM orders WHERE id BETWEEN {other} AND {id} AND {column} LIKE '{text}%'"
        ),
    }
}

fn ddl(seq: &mut Seq, at: usize) -> String {
    let (table, column, column_type) = (seq.of(TABLES), seq.of(COLUMNS), seq.of(TYPES));
    match seq.next(5) {
        0 | 1 => format!(
            "CREATE TABLE log_{at} (id bigint unsigned NOT NULL AUTO_INCREMENT COMMENT 'id', {column} {column_type} NOT NULL COMMENT 'x', \
             created_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'x', PRIMARY KEY (id), KEY idx_created_at (created_at)) \
             ENGINE=InnoDB COMMENT='a log'"
        ),
        2 => format!(
            "ALTER TABLE {table} ADD COLUMN extra_{at} {column_type} COMMENT 'x', ADD INDEX idx_extra_{at} ({column})"
        ),
        3 => format!("ALTER TABLE {table} MODIFY COLUMN {column} {column_type} NOT NULL"),
        _ => format!("DROP TABLE IF EXISTS old_{at}"),
    }
}

fn short(seq: &mut Seq) -> String {
    let id = seq.next(10_000);
    match seq.next(4) {
        0 => format!("UPDATE orders SET a=1 WHERE id={id}"),
        1 => format!("DELETE FROM carts WHERE id={id}"),
        2 => format!("INSERT INTO t (a,b) VALUES ({id},'x')"),
        _ => format!("UPDATE t SET a=a+1 WHERE b={id}"),
    }
}
