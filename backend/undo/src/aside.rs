//! `DROP TABLE` and `TRUNCATE TABLE` as a rename into another schema, where the rows are kept for a while.

use crate::{field::full_name, lack::Lack};
use dbdesk_review::{
    Facts,
    facts::{Looked, TableName},
    shape::Shape,
};

/// Characters of a table's name.
const NAME_CHARS: usize = 64;

/// Where and under which names tables are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<'a> {
    /// The schema.
    pub schema: &'a str,
    /// What names begin with: of one ticket, task and statement only.
    pub prefix: String,
}

/// A table that is set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its database.
    pub database: String,
    /// It.
    pub table: String,
    /// What it is called in the other schema.
    pub kept_as: String,
}

/// What runs in place of the statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Aside {
    /// The tables.
    pub tables: Vec<Table>,
    /// In this order. Only the last one changes anything that people see.
    pub sql: Vec<String>,
    /// What takes it back.
    pub back: String,
}

/// What to run in place of a `DROP TABLE` or `TRUNCATE`. `None`: the statement itself, since it is something else, or the server refuses it.
pub fn plan(
    shape: &Shape,
    facts: &Facts,
    database: Option<&str>,
    place: &Place<'_>,
) -> Result<Option<Aside>, Lack> {
    match shape {
        Shape::DropTable(drop) if !drop.temporary => {
            let mut tables = Vec::new();
            for table in &drop.tables {
                let name = table.named(database);
                match stands(&name, facts)? {
                    Stands::Here => tables.push(name),
                    Stands::Absent if drop.if_exists => {}
                    // The server says what is wrong; nothing is dropped before.
                    Stands::Absent | Stands::Refused => return Ok(None),
                }
            }
            Ok(dropped(tables, place))
        }
        Shape::Truncate(table) => {
            let name = table.named(database);
            match stands(&name, facts)? {
                Stands::Here => emptied(name, facts, place),
                Stands::Absent | Stands::Refused => Ok(None),
            }
        }
        _ => Ok(None),
    }
}

enum Stands {
    Here,
    Absent,
    /// A view, or others refer to it.
    Refused,
}

fn stands(name: &TableName, facts: &Facts) -> Result<Stands, Lack> {
    let table = match facts.looked(name) {
        Some(Looked::Found(table)) => table,
        Some(Looked::Absent) => return Ok(Stands::Absent),
        None => return Err(Lack::Table { table: name.table.clone() }),
    };
    let along = table.along.as_ref().ok_or_else(|| Lack::NotAsked { table: name.table.clone() })?;
    let others = along.referrers.iter().any(|referrer| referrer.table != *name);
    if table.is_view || others {
        return Ok(Stands::Refused);
    }
    match along.triggers.first() {
        // A table with triggers does not leave its database.
        Some(trigger) => Err(Lack::Trigger { table: name.table.clone(), trigger: trigger.clone() }),
        None => Ok(Stands::Here),
    }
}

fn kept(names: Vec<TableName>, place: &Place<'_>) -> Vec<Table> {
    let one = |(at, TableName { database, table }): (usize, TableName)| {
        let kept_as = format!("{}_{at}_{table}", place.prefix).chars().take(NAME_CHARS).collect();
        Table { database: database.unwrap_or_default(), table, kept_as }
    };
    names.into_iter().enumerate().map(one).collect()
}

fn dropped(names: Vec<TableName>, place: &Place<'_>) -> Option<Aside> {
    let tables = kept(names, place);
    let pairs = |pair: fn(String, String) -> String| {
        let one = |table: &Table| {
            pair(full_name(&table.database, &table.table), full_name(place.schema, &table.kept_as))
        };
        tables.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    let there = pairs(|here, there| format!("{here} TO {there}"));
    let back = pairs(|here, there| format!("{there} TO {here}"));
    (!tables.is_empty()).then(|| Aside {
        sql: vec![format!("RENAME TABLE {there}")],
        back: format!("RENAME TABLE {back}"),
        tables,
    })
}

fn emptied(name: TableName, facts: &Facts, place: &Place<'_>) -> Result<Option<Aside>, Lack> {
    // `LIKE` leaves the foreign keys out.
    if let Some(Looked::Found(table)) = facts.looked(&name)
        && table.keys.iter().any(|key| key.references.is_some())
    {
        return Err(Lack::OwnForeignKey { table: name.table });
    }
    let tables = kept(vec![name], place);
    let Some(table) = tables.first() else { return Ok(None) };
    let (here, there) = (full_name(&table.database, &table.table), full_name(place.schema, &table.kept_as));
    let named = |end: &str| full_name(place.schema, &format!("{}_{end}", place.prefix));
    let (empty, after) = (named("empty"), named("after"));
    Ok(Some(Aside {
        sql: vec![
            format!("DROP TABLE IF EXISTS {empty}"),
            format!("CREATE TABLE {empty} LIKE {here}"),
            format!("RENAME TABLE {here} TO {there}, {empty} TO {here}"),
        ],
        back: format!("RENAME TABLE {here} TO {after}, {there} TO {here}"),
        tables,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dbdesk_review::{facts::Along, read};

    fn facts(along: Along) -> Facts {
        let name = |table: &str| TableName { database: Some("shop".into()), table: table.into() };
        let found = dbdesk_review::facts::Table { along: Some(along), ..Default::default() };
        let tables = [
            (name("a"), Looked::Found(found.clone())),
            (name("b`"), Looked::Found(found)),
            (name("none"), Looked::Absent),
        ];
        Facts { tables: tables.into(), ..Facts::default() }
    }

    fn planned(sql: &str, along: Along) -> Result<Option<Aside>, Lack> {
        let script = read(sql).unwrap();
        let place = Place { schema: "kept", prefix: "T1_2".into() };
        plan(&script.statements()[0].shape, &facts(along), Some("shop"), &place)
    }

    #[test]
    fn tables_are_renamed_all_at_once_and_back() {
        let aside = planned("DROP TABLE IF EXISTS a, none, shop.`b```", Along::default()).unwrap().unwrap();
        assert_eq!(
            aside.sql,
            ["RENAME TABLE `shop`.`a` TO `kept`.`T1_2_0_a`, `shop`.`b``` TO `kept`.`T1_2_1_b```"]
        );
        assert_eq!(
            aside.back,
            "RENAME TABLE `kept`.`T1_2_0_a` TO `shop`.`a`, `kept`.`T1_2_1_b``` TO `shop`.`b```"
        );
        assert_eq!(planned("DROP TABLE a, none", Along::default()), Ok(None), "the server refuses it");
        assert_eq!(planned("DROP TEMPORARY TABLE a", Along::default()), Ok(None));
        assert_eq!(planned("DROP TABLE IF EXISTS none", Along::default()), Ok(None));
    }

    #[test]
    fn an_empty_one_takes_the_place_of_what_is_truncated() {
        let aside = planned("TRUNCATE TABLE a", Along::default()).unwrap().unwrap();
        assert_eq!(
            aside.sql,
            [
                "DROP TABLE IF EXISTS `kept`.`T1_2_empty`",
                "CREATE TABLE `kept`.`T1_2_empty` LIKE `shop`.`a`",
                "RENAME TABLE `shop`.`a` TO `kept`.`T1_2_0_a`, `kept`.`T1_2_empty` TO `shop`.`a`",
            ]
        );
        assert_eq!(
            aside.back,
            "RENAME TABLE `shop`.`a` TO `kept`.`T1_2_after`, `kept`.`T1_2_0_a` TO `shop`.`a`"
        );
    }

    #[test]
    fn triggers_keep_a_table_in_its_database() {
        let along = Along { triggers: vec!["tr".into()], referrers: vec![] };
        let lack = Lack::Trigger { table: "a".into(), trigger: "tr".into() };
        assert_eq!(planned("DROP TABLE a", along), Err(lack));
    }
}
