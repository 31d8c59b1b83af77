//! Facts and settings out of bytes: any answer that a server, sane or not, could give.

use dbdesk_review::{
    Facts, Flavour, RuleLevel, Script, Settings,
    facts::{Column, Counted, Explained, Key, KeyKind, KeyPart, Looked, Prepared, Repeats, Table, TableName},
    rules::ALL,
    shadow::{Answer, Left, Outcome},
};
use std::collections::BTreeMap;

const FLAVOURS: [Flavour; 7] = [
    Flavour::mysql(5, 7),
    Flavour::mysql(8, 0),
    Flavour::mysql(8, 4),
    Flavour::mysql(9, 0),
    Flavour::mariadb(10, 6),
    Flavour::mariadb(11, 8),
    Flavour::mysql(0, 0),
];
const NAMES: [&str; 8] = ["t", "orders", "id", "a", "b", "订单", "", "A"];
const TYPES: [&str; 8] =
    ["int", "bigint unsigned", "varchar(40)", "varchar(", "decimal(10,2)", "", "enum('a','b')", "json"];
const KINDS: [KeyKind; 6] = [
    KeyKind::Primary,
    KeyKind::Unique,
    KeyKind::Plain,
    KeyKind::FullText,
    KeyKind::Spatial,
    KeyKind::Foreign,
];
/// Numbers of errors that rules tell apart, and one that none does.
const ERRORS: [u16; 8] = [1044, 1049, 1052, 1054, 1064, 1146, 1142, 9_999];
const FIGURES: [u64; 6] = [0, 1, 1_000, 1_001, 5_000_000_000, u64::MAX];

const LEVELS: [RuleLevel; 5] =
    [RuleLevel::Off, RuleLevel::Notice, RuleLevel::Warning, RuleLevel::NeedsDba, RuleLevel::Error];

/// Takes choices from bytes; zeros when they are used up.
struct Choices<'a>(std::slice::Iter<'a, u8>);

impl Choices<'_> {
    fn byte(&mut self) -> usize {
        self.0.next().map_or(0, |&byte| usize::from(byte))
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.byte() % all.len()].clone()
    }

    fn yes(&mut self) -> bool {
        self.byte() % 2 == 1
    }

    fn perhaps<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.yes().then(|| value(self))
    }
}

/// What the bytes choose. Tables come from the schema, as they are or with more than the truth.
pub fn chosen(bytes: &[u8], schema: Option<&Script>, script: &Script) -> (Facts, Settings) {
    let mut choose = Choices(bytes.iter());
    let mut facts = schema.map(Facts::of_schema).unwrap_or_default();
    let settings = Settings {
        flavour: choose.of(&FLAVOURS),
        database: choose.perhaps(|choose| choose.of(&NAMES).to_owned()),
        rules: levels(&mut choose),
        ..Settings::default()
    };
    facts.flavour = choose.perhaps(|choose| choose.of(&FLAVOURS));
    facts.live = choose.yes();
    facts.complete ^= choose.yes();
    facts.shadow.outcome = choose.of(&[Outcome::NotAsked, Outcome::Tried, Outcome::OutOfTime, Outcome::Busy]);
    for looked in facts.tables.values_mut() {
        odd(&mut choose, looked);
    }
    for _ in 0..choose.byte() % 4 {
        let name = TableName {
            database: choose.perhaps(|choose| choose.of(&NAMES).to_owned()),
            table: choose.of(&NAMES).to_owned(),
        };
        let mut looked = Looked::Found(Table::default());
        odd(&mut choose, &mut looked);
        facts.tables.insert(name, looked);
    }
    // One more than there are: an answer to a question that nobody asked.
    for index in 0..(script.statements().len() + 1).min(16) {
        answers(&mut choose, index, &mut facts);
    }
    (facts, settings)
}

/// Rules as somebody set them, those too that keep a statement from passing.
fn levels(choose: &mut Choices<'_>) -> BTreeMap<String, RuleLevel> {
    let level = choose.of(&LEVELS);
    match choose.byte() % 4 {
        1 => ALL.iter().map(|rule| (rule.id.to_owned(), level)).collect(),
        2 => (0..3).map(|_| (ALL[choose.byte() % ALL.len()].id.to_owned(), level)).collect(),
        _ => BTreeMap::new(),
    }
}

fn answers(choose: &mut Choices<'_>, index: usize, facts: &mut Facts) {
    let sentence = |choose: &mut Choices<'_>| {
        choose
            .of(&["", "near 'x' at line 1", "Unknown column 'b' in 'field list'", "near '订' at line 99999"])
            .to_owned()
    };
    let prepared = match choose.byte() % 5 {
        1 => Some(Prepared::Understood),
        2 => Some(Prepared::SyntaxError(sentence(choose))),
        3 => Some(Prepared::Refused(choose.of(&ERRORS), sentence(choose))),
        4 => Some(Prepared::Unknown),
        _ => None,
    };
    facts.syntax.extend(prepared.map(|prepared| (index, prepared)));
    let counted = match choose.byte() % 5 {
        1 => Some(Counted::Rows(choose.of(&FIGURES))),
        2 => Some(Counted::TimedOut),
        3 => Some(Counted::Failed(choose.of(&ERRORS), sentence(choose))),
        4 => Some(Counted::Skipped),
        _ => None,
    };
    facts.counted.extend(counted.map(|counted| (index, counted)));
    let repeats = match choose.byte() % 5 {
        1 => Some(Repeats::Rows),
        2 => Some(choose.of(&[Repeats::None, Repeats::Null, Repeats::TimedOut, Repeats::Skipped])),
        3 => Some(Repeats::Failed(choose.of(&ERRORS), sentence(choose))),
        _ => None,
    };
    facts.repeats.extend(repeats.map(|answer| (index, BTreeMap::from([(choose.byte() % 3, answer)]))));
    let tried = match choose.byte() % 5 {
        1 => Some(Answer::Accepted),
        2 => Some(Answer::Refused(choose.of(&ERRORS), sentence(choose))),
        3 => Some(Answer::Behind(choose.byte() % 4)),
        4 => {
            Some(Answer::Left(choose.of(&[Left::Unsuited, Left::Names, Left::Uncopied, Left::Server(1_205)])))
        }
        _ => None,
    };
    facts.shadow.answers.extend(tried.map(|answer| (index, answer)));
    let explained = choose.perhaps(|choose| Explained {
        rows: choose.perhaps(|choose| choose.of(&FIGURES)),
        access: choose.perhaps(|choose| choose.of(&["ALL", "ref", "const", ""]).to_owned()),
        key: choose.perhaps(|choose| choose.of(&NAMES).to_owned()),
        ..Explained::default()
    });
    facts.explained.extend(explained.map(|explained| (index, explained)));
}

/// Adds to a table what no sane catalogue holds.
fn odd(choose: &mut Choices<'_>, looked: &mut Looked) {
    if choose.byte() % 8 == 7 {
        *looked = Looked::Absent;
    }
    let Looked::Found(table) = looked else { return };
    table.rows = choose.perhaps(|choose| choose.of(&FIGURES));
    table.bytes = choose.perhaps(|choose| choose.of(&FIGURES));
    table.is_view = choose.byte() % 8 == 7;
    if let Some(twice) = table.columns.first().cloned().filter(|_| choose.byte() % 8 == 7) {
        table.columns.push(twice);
    }
    for _ in 0..choose.byte() % 3 {
        table.columns.push(Column {
            name: choose.of(&NAMES).to_owned(),
            data_type: choose.of(&TYPES).to_owned(),
            nullable: choose.yes(),
            has_default: choose.yes(),
            ..Column::default()
        });
    }
    for _ in 0..choose.byte() % 3 {
        let parts = (0..choose.byte() % 3).map(|_| KeyPart {
            column: choose.of(&NAMES).to_owned(),
            prefix: choose.perhaps(|choose| u32::MAX * u32::from(choose.yes())),
            is_expression: choose.yes(),
            descending: choose.yes(),
        });
        let parts = parts.collect();
        let key = Key {
            name: choose.perhaps(|choose| choose.of(&NAMES).to_owned()),
            kind: choose.of(&KINDS),
            parts,
            ..Key::default()
        };
        table.keys.push(key);
    }
}
