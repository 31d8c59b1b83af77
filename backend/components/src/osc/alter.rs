//! What of an `ALTER TABLE` a tool can do that copies the table, and what it can not, in words.

use dbdesk_commands::lang::{Said, said};
use dbdesk_review::{
    Facts, Script,
    facts::{KeyKind, Looked, TableName},
    shape::{Action, AlterForm, AlterTable, KeyDef},
};
use dbdesk_undo::field::quoted;

/// A change that a tool makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Online {
    /// In which database.
    pub database: String,
    /// Of which table.
    pub table: String,
    /// What stands behind `ALTER TABLE name`.
    pub alter: String,
    /// New unique keys, each by what it is made of: the tool would drop rows that one forbids.
    pub unique: Vec<Vec<String>>,
    /// The server counts a table anew without keeping anybody waiting.
    pub counts_quietly: bool,
}

/// The change that a tool would make, or why it can not.
pub fn online(script: &Script, alter: &AlterTable, facts: &Facts, database: &str) -> Result<Online, Said> {
    let name = alter.table.named(Some(database));
    stands_alone(&name, facts)?;
    let (mut clauses, mut unique) = (Vec::new(), Vec::new());
    for op in &alter.ops {
        match &op.action {
            Action::Way(..) => continue,
            Action::AddKey(key, _) => unique.extend(added(key)?),
            Action::AddColumns(columns, _) if columns.iter().any(|column| column.key.is_some()) => {
                return Err(key_at_column());
            }
            action => possible(action)?,
        }
        clauses.push(match (&op.action, alter.form) {
            (Action::AddKey(key, _), AlterForm::CreateIndex) => index(script, key)?,
            _ => op.span.of(script.sql()).to_owned(),
        });
    }
    if alter.ignore {
        return Err(said!(
            "ALTER IGNORE deletes rows that a unique key forbids, which the tool does not do",
            "ALTER IGNORE 会删除不符合唯一键的行，该工具不支持"
        ));
    }
    if clauses.is_empty() {
        return Err(said!("there is nothing in it that the tool could do", "其中没有该工具可以执行的内容"));
    }
    let database = name.database.unwrap_or_default();
    // Older ones flush the table, behind which everybody waits for the longest query on it.
    let counts_quietly = facts.flavour.is_some_and(|flavour| flavour.is_mariadb() || flavour.at_least(8, 0));
    Ok(Online { database, table: name.table, alter: clauses.join(", "), unique, counts_quietly })
}

/// Whether nothing hangs on the table that the copy would not have.
fn stands_alone(name: &TableName, facts: &Facts) -> Result<(), Said> {
    let table = &name.table;
    let Some(Looked::Found(found)) = facts.looked(name) else {
        return Err(said!("{table} is not known as a table here", "这里不认识表 {table}"));
    };
    let Some(along) = &found.along else {
        return Err(said!(
            "the server did not tell in time which triggers and foreign keys hang on {table}",
            "服务器没有及时说明 {table} 上有哪些触发器和外键"
        ));
    };
    if let Some(trigger) = along.triggers.first() {
        return Err(said!(
            "{table} has the trigger {trigger}, and the tool follows changes by triggers of its own",
            "{table} 上有触发器 {trigger}，而该工具也要靠触发器跟踪变更"
        ));
    }
    if let Some(by) = along.referrers.first() {
        let by = &by.table.table;
        return Err(said!(
            "{by} refers to {table} by a foreign key, which would refer to the old table after the copy has taken its place",
            "{by} 的外键引用了 {table}，换表之后它会指向旧表"
        ));
    }
    if found.keys.iter().any(|key| key.references.is_some()) {
        return Err(said!(
            "{table} has foreign keys, whose names the copy can not have at the same time",
            "{table} 有外键，拷贝表无法同时使用相同的外键名"
        ));
    }
    let is_key = |kind| matches!(kind, KeyKind::Primary | KeyKind::Unique);
    if !found.keys.iter().any(|key| is_key(key.kind)) {
        return Err(said!(
            "{table} has no primary key, by which the tool would copy it in chunks",
            "{table} 没有主键，该工具无法按主键分块拷贝"
        ));
    }
    Ok(())
}

fn possible(action: &Action) -> Result<(), Said> {
    let own_ticket = |en: &str, zh: &str| {
        Err(said!(
            "{en}; put that into a ticket of its own, since it changes the definition only",
            "{zh}；请把它放到单独的工单里，那只修改定义"
        ))
    };
    match action {
        Action::RenameTable(_) => own_ticket("the tool gives no table another name", "该工具不能给表改名"),
        Action::RenameColumn(..) => own_ticket(
            "the tool would lose the values of a column that is renamed",
            "该工具会丢失改名列的数据",
        ),
        Action::Change(old, column) if !old.text.eq_ignore_ascii_case(&column.name.text) => own_ticket(
            "the tool would lose the values of a column that is renamed",
            "该工具会丢失改名列的数据",
        ),
        Action::DropPrimaryKey => Err(said!(
            "the tool copies by the primary key, so it can not drop it",
            "该工具按主键拷贝，不能删除主键"
        )),
        Action::DropForeignKey(_) => own_ticket("the tool does not touch foreign keys", "该工具不处理外键"),
        Action::LosePartition | Action::ExchangePartition => {
            own_ticket("the tool does not lose or exchange partitions", "该工具不删除或交换分区")
        }
        _ => Ok(()),
    }
}

fn key_at_column() -> Said {
    said!(
        "a new column that is a key by itself fails for the tool as soon as there are two rows",
        "新增列同时作为主键或唯一键，只要有两行数据该工具就会失败"
    )
}

/// What a new unique key is made of.
fn added(key: &KeyDef) -> Result<Option<Vec<String>>, Said> {
    if key.references.is_some() {
        return Err(said!(
            "the tool would make the foreign key on the copy under another name; put it into a ticket of its own",
            "该工具会以别的名称在拷贝表上建外键；请放到单独的工单里"
        ));
    }
    match key.kind {
        KeyKind::Primary => Err(said!(
            "the tool copies by the primary key, so it can not make another one",
            "该工具按主键拷贝，不能更换主键"
        )),
        KeyKind::Unique => {
            let part = |part: &dbdesk_review::facts::KeyPart| match (part.is_expression, part.prefix) {
                (true, _) => format!("({})", part.column),
                (false, Some(length)) => format!("LEFT({}, {length})", quoted(&part.column)),
                (false, None) => quoted(&part.column),
            };
            Ok(Some(key.parts.iter().map(part).collect()))
        }
        _ => Ok(None),
    }
}

/// `CREATE INDEX` as a clause of an `ALTER TABLE`.
fn index(script: &Script, key: &KeyDef) -> Result<String, Said> {
    let word = match key.kind {
        KeyKind::Unique => "UNIQUE INDEX",
        KeyKind::Plain => "INDEX",
        _ => return Err(as_alter()),
    };
    let name = key.name.as_ref().ok_or_else(as_alter)?;
    let parts: Vec<&str> = key.part_spans.iter().map(|span| span.of(script.sql())).collect();
    Ok(format!("ADD {word} {} ({})", quoted(&name.text), parts.join(", ")))
}

fn as_alter() -> Said {
    said!(
        "write it as ALTER TABLE … ADD INDEX …, which the tool can do",
        "请写成 ALTER TABLE … ADD INDEX …，该工具才能执行"
    )
}
