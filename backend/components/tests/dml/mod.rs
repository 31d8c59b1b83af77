//! Random tables with every type, and random changes of their rows.

use std::fmt::Write as _;

/// Types with values that each takes, as SQL writes them; the last of each is for a lenient server only.
const TYPES: &[(&str, &[&str])] = &[
    ("TINYINT", &["-128", "127", "0"]),
    ("SMALLINT UNSIGNED", &["0", "65535"]),
    ("MEDIUMINT ZEROFILL", &["0", "42"]),
    ("INT", &["-2147483648", "2147483647", "7"]),
    ("BIGINT UNSIGNED", &["18446744073709551615", "0", "9007199254740993"]),
    ("DECIMAL(38,10)", &["1234567890123456789012345678.0123456789", "-0.0000000001", "0"]),
    ("DECIMAL(5,2) UNSIGNED", &["999.99", "0.10"]),
    ("FLOAT", &["0.1", "-3.402823e38", "1.17549435e-38", "16777217", "-0e0"]),
    ("FLOAT(7,3)", &["1234.567", "-0.001"]),
    ("DOUBLE", &["0.1", "1.7976931348623157e308", "5e-324", "123456789.123456789", "-0e0"]),
    (
        "DOUBLE",
        &["RAND() * 1e15", "RAND() * 1e-14", "1e15", "1234567890123456.5", "-1.2345678901234567e-100"],
    ),
    ("BIT(1)", &["b'0'", "b'1'"]),
    ("BIT(64)", &["18446744073709551615", "0", "9223372036854775808"]),
    ("DATE", &["'1000-01-01'", "'9999-12-31'", "'2024-02-29'"]),
    ("TIME(6)", &["'-838:59:59.000000'", "'838:59:58.999999'", "'00:00:00.000001'"]),
    ("TIME", &["'12:30:00'", "'-01:00:00'"]),
    (
        "DATETIME(6)",
        &["'1000-01-01 00:00:00.000001'", "'9999-12-31 23:59:59.999999'", "'2024-11-03 01:30:00.5'"],
    ),
    ("DATETIME", &["'2024-03-10 02:30:00'", "'2000-01-01'"]),
    ("TIMESTAMP(6) NULL", &["'1971-01-01 00:00:01.000001'", "'2037-12-31 23:59:59.999999'", "NOW(6)"]),
    (
        "TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP",
        &["'2024-10-27 01:30:00'", "CURRENT_TIMESTAMP"],
    ),
    ("YEAR", &["1901", "2155", "0"]),
    ("CHAR(10)", &["'a  '", "''", "'ß€😀'"]),
    ("CHAR(10) CHARACTER SET latin1", &["'é '", "'A'", "'a'"]),
    ("VARCHAR(40)", &["'a '", "'\\'\\\\ \"`\\n\\0;--'", "'中文😀'", "''"]),
    ("VARCHAR(40) CHARACTER SET latin1 COLLATE latin1_bin", &["'ü€'", "'x\\'y'"]),
    ("VARCHAR(40) CHARACTER SET gbk", &["'中文'", "_gbk X'D65C'"]),
    ("VARCHAR(40) CHARACTER SET ucs2", &["'中文'", "''"]),
    ("VARCHAR(20) CHARACTER SET utf16", &["'😀'", "'a'"]),
    ("VARCHAR(20) CHARACTER SET utf32", &["'😀'"]),
    ("VARCHAR(20) CHARACTER SET utf8mb3", &["'ÄÖ'", "'中'"]),
    ("VARCHAR(20) CHARACTER SET ascii", &["'x'", "'~'"]),
    ("BINARY(4)", &["X'00FF'", "'ab'", "''"]),
    ("VARBINARY(20)", &["X'00'", "X''", "X'FFFE00'", "'a '"]),
    ("TINYTEXT", &["'t'", "''"]),
    ("TEXT", &["REPEAT('é', 300)", "'a\\r\\nb'"]),
    ("MEDIUMTEXT CHARACTER SET latin1", &["REPEAT('x', 5000)", "'y'"]),
    ("LONGTEXT", &["'l'"]),
    ("TINYBLOB", &["X'0001'"]),
    ("BLOB", &["REPEAT(X'00FF', 400)", "''"]),
    ("LONGBLOB", &["RANDOM_BYTES(100)"]),
    ("ENUM('a','b','ç','')", &["'a'", "'ç'", "''"]),
    ("ENUM('x','y') CHARACTER SET latin1", &["'x'", "2"]),
    ("SET('a','b','c')", &["''", "'a,c'", "7"]),
    ("JSON", &["'{\"a\": [1, 2.5, null, \"é\\\\\\\"\"]}'", "'[]'", "'\"x\"'", "'1e100'"]),
    (
        "JSON",
        &[
            "'[true, false, -1, 70000, -3000000000, 18446744073709551615, 1.0, 1e15, 1e-7, {}]'",
            "JSON_OBJECT('k', REPEAT('ab\\n', 30000), '', JSON_ARRAY(-40000, 40000))",
        ],
    ),
    ("POINT", &["ST_GeomFromText('POINT(1 -2.5)')", "POINT(0, 0)"]),
    ("GEOMETRY", &["ST_GeomFromText('LINESTRING(0 0, 1 1)')"]),
];

/// Of one family only.
const MARIADB: &[(&str, &[&str])] = &[
    ("INET6", &["'::1'", "'2001:db8::ff00:42:8329'", "'::ffff:1.2.3.4'", "'1:0:2:3:4:5:6:0'"]),
    ("INET4", &["'10.0.0.1'"]),
    ("UUID", &["'123e4567-e89b-12d3-a456-426614174000'", "'018f6a2e-7c00-7abc-8def-001122334455'"]),
];

/// Only where zero dates pass.
const LENIENT: &[(&str, &[&str])] = &[
    ("DATE", &["'0000-00-00'", "'2024-00-10'", "'2024-01-02'"]),
    ("DATETIME(3)", &["'0000-00-00 00:00:00'", "'2024-00-00 10:00:00.123'"]),
    ("TIMESTAMP(3) NULL", &["'0000-00-00 00:00:00'", "'2024-01-01 00:00:00.001'"]),
    ("ENUM('p','q')", &["'none of them'", "'p'"]),
];

/// A column and the values that it takes.
#[derive(Clone)]
struct Column {
    name: String,
    values: Vec<&'static str>,
    nullable: bool,
    written: bool,
}

struct Table {
    name: &'static str,
    counts: bool,
    columns: Vec<Column>,
}

/// Makes them, the same ones for the same seed.
pub struct Dml {
    state: u64,
    is_mariadb: bool,
    tables: Vec<Table>,
}

impl Dml {
    pub fn new(seed: u64, is_mariadb: bool) -> Self {
        Self { state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1, is_mariadb, tables: Vec::new() }
    }

    fn below(&mut self, most: usize) -> usize {
        // xorshift64*
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        (self.state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % most.max(1)
    }

    pub fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    fn one<T: Clone>(&mut self, all: &[T]) -> T {
        let at = self.below(all.len());
        all[at].clone()
    }

    /// The `CREATE TABLE`s of two new tables.
    pub fn tables(&mut self, lenient: bool) -> Vec<String> {
        self.tables.clear();
        let mut texts = Vec::new();
        for name in ["a", "b"] {
            let counts = self.one_in(2);
            let mut columns = Vec::new();
            let mut text = format!(
                "CREATE TABLE {name} (id INT UNSIGNED NOT NULL{}",
                if counts {
                    " AUTO_INCREMENT PRIMARY KEY"
                } else {
                    ", k VARCHAR(10) NOT NULL DEFAULT 'k', PRIMARY KEY (id, k)"
                }
            );
            let mut types: Vec<_> = TYPES.to_vec();
            if self.is_mariadb {
                types.extend(MARIADB);
            }
            if lenient {
                types.extend(LENIENT.iter().chain(LENIENT).chain(LENIENT));
            }
            for number in 0..4 + self.below(9) {
                let (kind, values) = self.one(&types);
                let nullable = !kind.contains("NULL") && self.one_in(2);
                let null = if nullable || kind.contains("NULL") { "" } else { " NOT NULL" };
                let _ = write!(text, ", c{number} {kind}{null}");
                let nullable = nullable || kind.contains("NULL");
                columns.push(Column {
                    name: format!("c{number}"),
                    values: values.to_vec(),
                    nullable,
                    written: true,
                });
            }
            if self.one_in(2) {
                let kept = if self.one_in(2) { "STORED" } else { "VIRTUAL" };
                let _ = write!(text, ", w INT NULL, g BIGINT AS (w * 2) {kept}");
                let values = vec!["1", "-7", "NULL"];
                columns.push(Column { name: "w".into(), values, nullable: true, written: true });
            }
            if self.one_in(3) {
                text.push_str(", u INT NULL UNIQUE");
                let values = vec!["1", "2", "3", "4", "5", "NULL"];
                columns.push(Column { name: "u".into(), values, nullable: true, written: true });
            }
            text.push(')');
            self.tables.push(Table { name, counts, columns });
            texts.push(text);
        }
        texts
    }

    fn value(&mut self, column: &Column) -> String {
        if column.nullable && self.one_in(5) {
            return "NULL".to_owned();
        }
        self.one(&column.values).to_owned()
    }

    /// One statement on them.
    pub fn statement(&mut self) -> String {
        let at = self.below(self.tables.len());
        let (name, counts, columns) = {
            let table = &self.tables[at];
            (table.name, table.counts, table.columns.clone())
        };
        match self.below(10) {
            0..4 => self.insert("INSERT", name, counts, &columns),
            4 => self.insert("REPLACE", name, counts, &columns),
            5 => {
                let insert = self.insert("INSERT", name, counts, &columns);
                let sets = self.sets(&columns, "");
                format!("{insert} ON DUPLICATE KEY UPDATE {sets}")
            }
            6 | 7 => {
                let (sets, condition) = (self.sets(&columns, ""), self.condition(&columns, ""));
                let limit = if self.one_in(4) { " ORDER BY id, k LIMIT 2" } else { "" };
                let limit = if counts { limit.replace(", k", "") } else { limit.to_owned() };
                format!("UPDATE {name} SET {sets} WHERE {condition}{limit}")
            }
            8 => {
                let condition = self.condition(&columns, "");
                format!("DELETE FROM {name} WHERE {condition}")
            }
            _ => self.joined(name, &columns),
        }
    }

    fn joined(&mut self, name: &str, columns: &[Column]) -> String {
        let other = if name == "a" { "b" } else { "a" };
        let condition = self.condition(columns, "x.");
        let join = self.one(&["JOIN", "LEFT JOIN"]);
        if self.one_in(2) {
            let sets = self.sets(columns, "x.");
            format!("UPDATE {name} x {join} {other} y ON y.id <= x.id + 1 SET {sets} WHERE {condition}")
        } else {
            format!("DELETE x FROM {other} y {join} {name} x ON y.id = x.id WHERE {condition}")
        }
    }

    fn insert(&mut self, verb: &str, name: &str, counts: bool, columns: &[Column]) -> String {
        let written: Vec<Column> = columns.iter().filter(|column| column.written).cloned().collect();
        // Plain ones may leave the number to the server.
        let by_itself = counts && verb == "INSERT" && self.one_in(2);
        let mut names: Vec<String> = written.iter().map(|column| column.name.clone()).collect();
        if !by_itself {
            names.insert(0, "id".to_owned());
            if !counts {
                names.insert(1, "k".to_owned());
            }
        }
        let mut rows = Vec::new();
        for _ in 0..=self.below(4) {
            let mut values: Vec<String> = written.iter().map(|column| self.value(column)).collect();
            if !by_itself {
                values.insert(0, (1 + self.below(30)).to_string());
                if !counts {
                    values.insert(1, self.one(&["'k'", "'K2'", "'é'"]).to_owned());
                }
            }
            rows.push(format!("({})", values.join(", ")));
        }
        format!("{verb} INTO {name} ({}) VALUES {}", names.join(", "), rows.join(", "))
    }

    fn sets(&mut self, columns: &[Column], of: &str) -> String {
        let mut sets = Vec::new();
        for _ in 0..=self.below(2) {
            let column = self.one(columns);
            let value = self.value(&column);
            sets.push(format!("{of}{} = {value}", column.name));
        }
        sets.join(", ")
    }

    fn condition(&mut self, columns: &[Column], of: &str) -> String {
        let column = self.one(columns);
        match self.below(6) {
            0 => format!("{of}id = {}", 1 + self.below(30)),
            1 => format!("{of}id BETWEEN {} AND 20", self.below(20)),
            2 => format!("{of}{} IS NULL", column.name),
            3 => format!("{of}id % 3 = 1"),
            4 => format!("{of}{} IS NOT NULL AND {of}id > {}", column.name, self.below(10)),
            _ => format!("{of}id IN (SELECT * FROM (SELECT {}) z)", 1 + self.below(30)),
        }
    }
}
