//! Random statements for one table, most of which a server accepts.

use dbdesk_review::{
    facts::{KeyKind, Table},
    types::TypeKind,
};

/// Numbers that stand for choices.
pub struct Dice<'a> {
    numbers: &'a [u16],
    at: usize,
}

impl<'a> Dice<'a> {
    pub fn new(numbers: &'a [u16]) -> Self {
        Self { numbers, at: 0 }
    }

    /// A number below `most`.
    fn below(&mut self, most: usize) -> usize {
        let number = self.numbers.get(self.at % self.numbers.len().max(1)).copied().unwrap_or(0);
        self.at += 1;
        // After one round the numbers come again, but not with the same meaning.
        (usize::from(number) + self.at / self.numbers.len().max(1) * 7_919) % most.max(1)
    }

    fn one<'b>(&mut self, all: &[&'b str]) -> &'b str {
        all.get(self.below(all.len())).copied().unwrap_or("")
    }

    fn in_ten(&mut self, chances: usize) -> bool {
        self.below(10) < chances
    }
}

/// Types, and a default that each takes.
const TYPES: [(&str, &str); 26] = [
    ("int", "5"),
    ("int unsigned", "'7'"),
    ("bigint(20)", "-1"),
    ("tinyint(1)", "1"),
    ("smallint zerofill", "3"),
    ("integer", "0"),
    ("varchar(20)", "'a''b'"),
    ("varchar(200) character set latin1", "''"),
    ("character varying(30) collate utf8mb4_bin", "'x'"),
    ("char", "'c'"),
    ("national char(5)", "'n'"),
    ("text", ""),
    ("text(100)", ""),
    ("tinytext character set latin1", ""),
    ("mediumtext", ""),
    ("blob(300)", ""),
    ("decimal(8,2)", "1.5"),
    ("numeric", "10"),
    ("float", "0.5"),
    ("double precision", "2"),
    ("datetime(3)", "current_timestamp(3) on update current_timestamp(3)"),
    ("timestamp null", "current_timestamp"),
    ("date", "'2020-01-02'"),
    ("enum('a','B','c''d')", "'B'"),
    ("set('x','y')", "'x,y'"),
    ("varbinary(16)", ""),
];
const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

/// `int NOT NULL DEFAULT 5 COMMENT '…'`.
fn definition(dice: &mut Dice<'_>) -> String {
    let (of, default) = TYPES.get(dice.below(TYPES.len())).copied().unwrap_or(("int", "1"));
    let mut text = of.to_owned();
    if !of.ends_with("null") {
        text.push_str(dice.one(&["", " NOT NULL", " NULL", ""]));
    }
    if !default.is_empty() && dice.in_ten(4) {
        text.push_str(" DEFAULT ");
        text.push_str(default);
    }
    text.push_str(dice.one(&["", "", " COMMENT 'it''s'", " COMMENT ''"]));
    if dice.in_ten(1) {
        text.push_str(" UNIQUE");
    }
    if dice.in_ten(1) {
        text.push_str(" INVISIBLE");
    }
    text
}

/// The next statement for a table that is so now.
pub fn statement(dice: &mut Dice<'_>, table: Option<&Table>) -> String {
    let Some(table) = table else { return create(dice) };
    let clauses: Vec<String> = (0..=dice.below(2)).map(|_| clause(dice, table)).collect();
    format!("ALTER TABLE t {}", clauses.join(", "))
}

fn create(dice: &mut Dice<'_>) -> String {
    let many = 2 + dice.below(4);
    let mut parts: Vec<String> =
        NAMES.iter().take(many).map(|name| format!("{name} {}", definition(dice))).collect();
    match dice.below(4) {
        0 => parts.insert(0, "id int AUTO_INCREMENT PRIMARY KEY".to_owned()),
        1 => parts.insert(dice.below(2), "id bigint unsigned, PRIMARY KEY (id)".to_owned()),
        2 => parts
            .push("id int, CONSTRAINT fk FOREIGN KEY (id) REFERENCES p (id) ON DELETE CASCADE".to_owned()),
        _ => {}
    }
    for _ in 0..dice.below(3) {
        let (name, column) =
            (dice.one(&["", "k1", "k2"]), NAMES.get(dice.below(many)).copied().unwrap_or("a"));
        let lob = parts.iter().any(|part| {
            part.starts_with(&format!("{column} ")) && (part.contains("text") || part.contains("blob"))
        });
        let length = if lob { "(3)" } else { dice.one(&["", "", "", " DESC"]) };
        parts.push(format!("{} {name} ({column}{length})", dice.one(&["KEY", "UNIQUE KEY", "INDEX"])));
    }
    let options = dice.one(&[
        "",
        " CHARSET=utf8mb4",
        " DEFAULT CHARACTER SET latin1",
        " COLLATE utf8mb4_bin",
        " COMMENT='t'",
    ]);
    // The catalogue does not know the database's character set.
    let charset =
        if options.contains("CHAR") || options.contains("COLLATE") { "" } else { " CHARSET utf8mb4" };
    format!("CREATE TABLE t ({}){options}{charset}", parts.join(", "))
}

fn clause(dice: &mut Dice<'_>, table: &Table) -> String {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let indexes: Vec<&str> = table
        .keys
        .iter()
        .filter(|key| key.kind != KeyKind::Foreign && key.kind != KeyKind::Primary)
        .filter_map(|key| key.name.as_deref())
        .collect();
    let (column, other, new) = (dice.one(&columns), dice.one(&columns), dice.one(&NAMES));
    let index = dice.one(&indexes);
    let position = match dice.below(4) {
        0 => " FIRST".to_owned(),
        1 => format!(" AFTER {other}"),
        _ => String::new(),
    };
    match dice.below(17) {
        0 | 1 => format!("ADD COLUMN {new} {}{position}", definition(dice)),
        2 => format!("DROP COLUMN {column}"),
        3 | 4 => format!("MODIFY {column} {}{position}", definition(dice)),
        5 => format!("CHANGE {column} {new} {}{position}", definition(dice)),
        6 => format!("RENAME COLUMN {column} TO {new}"),
        7 => {
            let (first, second) = (part(dice, table, column), part(dice, table, other));
            format!("ADD INDEX {} ({first}, {second})", dice.one(&["", "k1", "k3"]))
        }
        8 => format!("ADD UNIQUE ({})", part(dice, table, column)),
        9 => format!("DROP INDEX `{index}`"),
        10 => format!("RENAME INDEX `{index}` TO {}", dice.one(&["k4", "k5"])),
        11 => format!("ADD PRIMARY KEY ({column})"),
        12 => dice.one(&["DROP PRIMARY KEY", "DROP FOREIGN KEY fk"]).to_owned(),
        13 => format!("ALTER COLUMN {column} {}", dice.one(&["SET DEFAULT 1", "DROP DEFAULT"])),
        14 => dice
            .one(&[
                "CONVERT TO CHARACTER SET utf8mb4",
                "CONVERT TO CHARACTER SET latin1",
                "DEFAULT CHARSET utf8mb4",
            ])
            .to_owned(),
        15 => format!(
            "ADD CONSTRAINT {} FOREIGN KEY ({column}) REFERENCES p (id) ON UPDATE CASCADE",
            dice.one(&["", "fk"])
        ),
        _ => format!("ADD INDEX k6 ({})", part(dice, table, column)),
    }
}

/// A part of an index; a TEXT needs a length.
fn part(dice: &mut Dice<'_>, table: &Table, column: &str) -> String {
    let kind = table.column(column).map(|column| column.column_type.kind).unwrap_or_default();
    let lob = kind.is_text() || kind.is_blob();
    let text = lob || matches!(kind, TypeKind::Char | TypeKind::VarChar | TypeKind::VarBinary);
    let length = match (lob, text && dice.in_ten(3)) {
        (true, _) => "(5)",
        (_, true) => "(4)",
        _ => "",
    };
    format!("{column}{length}")
}
