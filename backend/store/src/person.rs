//! Tables `person` and `person_role`.

use crate::{Error, Pool, Tx};
use dbdesk_commands::{
    clock::Time,
    id::PersonId,
    wire::person::{Me, PersonView, Role},
};
use dbdesk_ticket::people::Member;
use sqlx::{FromRow, MySql, QueryBuilder, mysql::MySqlExecutor};
use std::collections::{BTreeMap, BTreeSet};

/// A person with what he is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The desk's own id.
    pub id: PersonId,
    /// Short name.
    pub name: String,
    /// Discord user id.
    pub discord_id: Option<String>,
    /// Team.
    pub team: Option<String>,
    /// Roles, sorted.
    pub roles: Vec<Role>,
}

impl Person {
    /// As others see him.
    #[must_use]
    pub fn view(&self) -> PersonView {
        PersonView { id: self.id, name: self.name.clone(), discord_id: self.discord_id.clone() }
    }

    /// As authority sees him.
    #[must_use]
    pub fn member(&self) -> Member {
        Member { id: self.id, name: self.name.clone(), roles: self.roles.clone(), team: self.team.clone() }
    }

    /// As he sees himself.
    #[must_use]
    pub fn me(&self) -> Me {
        Me { person: self.view(), roles: self.roles.clone(), team: self.team.clone() }
    }
}

/// A person as the configuration writes him; his name is the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed {
    /// Short name.
    pub name: String,
    /// Discord user id.
    pub discord_id: Option<String>,
    /// Team.
    pub team: Option<String>,
    /// Roles.
    pub roles: Vec<Role>,
}

/// The word of a role in the store.
#[must_use]
pub fn word(role: Role) -> &'static str {
    match role {
        Role::Developer => "developer",
        Role::Dba => "dba",
        Role::Admin => "admin",
    }
}

fn of_word(word: &str) -> Result<Role, Error> {
    match word {
        "developer" => Ok(Role::Developer),
        "dba" => Ok(Role::Dba),
        "admin" => Ok(Role::Admin),
        other => Err(Error::strange(format!("role {other:?}"))),
    }
}

#[derive(FromRow)]
struct Row {
    id: u64,
    name: String,
    discord_id: Option<String>,
    team: Option<String>,
    role: Option<String>,
}

fn fold(rows: Vec<Row>) -> Result<Option<Person>, Error> {
    let mut person: Option<Person> = None;
    for row in rows {
        let role = row.role.as_deref().map(of_word).transpose()?;
        let person = person.get_or_insert_with(|| Person {
            id: PersonId(row.id),
            name: row.name,
            discord_id: row.discord_id,
            team: row.team,
            roles: Vec::new(),
        });
        person.roles.extend(role);
    }
    if let Some(person) = &mut person {
        person.roles.sort_unstable();
    }
    Ok(person)
}

/// The person with this id.
pub async fn by_id(from: impl MySqlExecutor<'_>, id: PersonId) -> Result<Option<Person>, Error> {
    let rows = sqlx::query_as(
        "SELECT p.id, p.name, p.discord_id, p.team, r.role FROM person p LEFT JOIN person_role r ON r.person_id = p.id \
         WHERE p.id = ?",
    )
    .bind(id.0)
    .fetch_all(from)
    .await?;
    fold(rows)
}

/// Several people at once, by their numbers. Who is not there is left out.
pub async fn by_ids(from: impl MySqlExecutor<'_>, ids: &BTreeSet<PersonId>) -> Result<Vec<Person>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = QueryBuilder::<MySql>::new(
        "SELECT p.id, p.name, p.discord_id, p.team, r.role FROM person p LEFT JOIN person_role r ON r.person_id = p.id \
         WHERE p.id IN (",
    );
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(id.0);
    }
    query.push(") ORDER BY p.id");
    each(query.build_query_as().fetch_all(from).await?)
}

/// Everybody who may decide on anything: those with a role, at most so many, by their numbers.
pub async fn with_roles(from: impl MySqlExecutor<'_>, most: u32) -> Result<Vec<Person>, Error> {
    let rows = sqlx::query_as(
        "SELECT p.id, p.name, p.discord_id, p.team, r.role FROM person p JOIN person_role r ON r.person_id = p.id \
         ORDER BY p.id LIMIT ?",
    )
    .bind(most)
    .fetch_all(from)
    .await?;
    each(rows)
}

/// One person after the other; rows of one stand together.
fn each(rows: Vec<Row>) -> Result<Vec<Person>, Error> {
    let mut of: BTreeMap<u64, Vec<Row>> = BTreeMap::new();
    for row in rows {
        of.entry(row.id).or_default().push(row);
    }
    let people: Result<Vec<Option<Person>>, Error> = of.into_values().map(fold).collect();
    Ok(people?.into_iter().flatten().collect())
}

/// The person with this name.
pub async fn by_name(pool: &Pool, name: &str) -> Result<Option<Person>, Error> {
    let rows = sqlx::query_as(
        "SELECT p.id, p.name, p.discord_id, p.team, r.role FROM person p LEFT JOIN person_role r ON r.person_id = p.id \
         WHERE p.name = ?",
    )
    .bind(name)
    .fetch_all(pool)
    .await?;
    fold(rows)
}

/// The person who is this Discord user.
pub async fn by_discord(pool: &Pool, discord_id: &str) -> Result<Option<Person>, Error> {
    let rows = sqlx::query_as(
        "SELECT p.id, p.name, p.discord_id, p.team, r.role FROM person p LEFT JOIN person_role r ON r.person_id = p.id \
         WHERE p.discord_id = ?",
    )
    .bind(discord_id)
    .fetch_all(pool)
    .await?;
    fold(rows)
}

/// Several people at once, as others see them.
pub async fn views(pool: &Pool, ids: &BTreeSet<PersonId>) -> Result<BTreeMap<PersonId, PersonView>, Error> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut query = QueryBuilder::<MySql>::new("SELECT id, name, discord_id FROM person WHERE id IN (");
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(id.0);
    }
    query.push(")");
    let rows: Vec<(u64, String, Option<String>)> = query.build_query_as().fetch_all(pool).await?;
    Ok(rows
        .into_iter()
        .map(|(id, name, discord_id)| (PersonId(id), PersonView { id: PersonId(id), name, discord_id }))
        .collect())
}

/// The desk itself, as one who files what it found: a person without roles, whom no Discord user is.
pub async fn the_desk(tx: &mut Tx, name: &str, at: Time) -> Result<Person, Error> {
    sqlx::query("INSERT IGNORE INTO person (name, created_at) VALUES (?, ?)")
        .bind(name)
        .bind(at)
        .execute(&mut **tx)
        .await?;
    let id: u64 =
        sqlx::query_scalar("SELECT id FROM person WHERE name = ?").bind(name).fetch_one(&mut **tx).await?;
    Ok(Person { id: PersonId(id), name: name.to_owned(), discord_id: None, team: None, roles: Vec::new() })
}

/// Makes a person what the seed says: inserted, or changed to it. Gives whether anything changed.
pub async fn put(tx: &mut Tx, seed: &Seed, at: Time) -> Result<bool, Error> {
    let before: Option<(u64, Option<String>, Option<String>)> =
        sqlx::query_as("SELECT id, discord_id, team FROM person WHERE name = ? FOR UPDATE")
            .bind(&seed.name)
            .fetch_optional(&mut **tx)
            .await?;
    let (id, mut changed) = match before {
        None => {
            let made =
                sqlx::query("INSERT INTO person (name, discord_id, team, created_at) VALUES (?, ?, ?, ?)")
                    .bind(&seed.name)
                    .bind(&seed.discord_id)
                    .bind(&seed.team)
                    .bind(at)
                    .execute(&mut **tx)
                    .await?;
            (made.last_insert_id(), true)
        }
        Some((id, discord_id, team)) => {
            sqlx::query("UPDATE person SET discord_id = ?, team = ? WHERE id = ?")
                .bind(&seed.discord_id)
                .bind(&seed.team)
                .bind(id)
                .execute(&mut **tx)
                .await?;
            (id, discord_id != seed.discord_id || team != seed.team)
        }
    };
    let had: Vec<String> = sqlx::query_scalar("SELECT role FROM person_role WHERE person_id = ?")
        .bind(id)
        .fetch_all(&mut **tx)
        .await?;
    let (had, wanted): (BTreeSet<&str>, BTreeSet<&str>) =
        (had.iter().map(String::as_str).collect(), seed.roles.iter().map(|role| word(*role)).collect());
    for role in had.difference(&wanted) {
        changed = true;
        sqlx::query("DELETE FROM person_role WHERE person_id = ? AND role = ?")
            .bind(id)
            .bind(*role)
            .execute(&mut **tx)
            .await?;
    }
    for role in wanted.difference(&had) {
        changed = true;
        sqlx::query("INSERT INTO person_role (person_id, role) VALUES (?, ?)")
            .bind(id)
            .bind(*role)
            .execute(&mut **tx)
            .await?;
    }
    Ok(changed)
}
