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
pub async fn by_name(from: impl MySqlExecutor<'_>, name: &str) -> Result<Option<Person>, Error> {
    let rows = sqlx::query_as(
        "SELECT p.id, p.name, p.discord_id, p.team, r.role FROM person p LEFT JOIN person_role r ON r.person_id = p.id \
         WHERE p.name = ?",
    )
    .bind(name)
    .fetch_all(from)
    .await?;
    fold(rows)
}

/// The person who is this Discord user.
pub async fn by_discord(from: impl MySqlExecutor<'_>, discord_id: &str) -> Result<Option<Person>, Error> {
    let rows = sqlx::query_as(
        "SELECT p.id, p.name, p.discord_id, p.team, r.role FROM person p LEFT JOIN person_role r ON r.person_id = p.id \
         WHERE p.discord_id = ?",
    )
    .bind(discord_id)
    .fetch_all(from)
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

/// In whose name the desk files what it found by itself. Nobody else is called so.
pub const DESK: &str = "dbdesk";

/// The desk itself, as one who files what it found: a person without roles, whom no Discord user is.
pub async fn the_desk(tx: &mut Tx, at: Time) -> Result<Person, Error> {
    sqlx::query("INSERT IGNORE INTO person (name, created_at) VALUES (?, ?)")
        .bind(DESK)
        .bind(at)
        .execute(&mut **tx)
        .await?;
    let id: u64 =
        sqlx::query_scalar("SELECT id FROM person WHERE name = ?").bind(DESK).fetch_one(&mut **tx).await?;
    Ok(Person { id: PersonId(id), name: DESK.to_owned(), discord_id: None, team: None, roles: Vec::new() })
}

/// A person before a seed is put.
#[derive(FromRow)]
struct Before {
    id: u64,
    discord_id: Option<String>,
    team: Option<String>,
    unlinked_discord_id: Option<String>,
}

/// What came of putting a seed into the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It was so already.
    Kept,
    /// Something was added or changed.
    Changed,
    /// He is another Discord user here than the seed says, or that one is another person. All but this is as the seed says.
    OtherDiscord,
}

/// Makes a person what the seed says: inserted, or changed to it. Which Discord user he is, is set where he is none yet, and never taken
/// away or changed: an admin linked him. What an admin has unlinked is not linked again.
pub async fn put(tx: &mut Tx, seed: &Seed, at: Time) -> Result<Put, Error> {
    let before: Option<Before> = sqlx::query_as(
        "SELECT id, discord_id, team, unlinked_discord_id FROM person WHERE name = ? FOR UPDATE",
    )
    .bind(&seed.name)
    .fetch_optional(&mut **tx)
    .await?;
    let unlinked = before.as_ref().and_then(|before| before.unlinked_discord_id.as_ref());
    let wanted = seed.discord_id.as_ref().filter(|wanted| unlinked != Some(wanted));
    let linked = before.as_ref().and_then(|before| before.discord_id.as_ref());
    let other = match (linked, wanted) {
        (Some(linked), Some(wanted)) => linked != wanted,
        (None, Some(wanted)) => is_anybody(tx, wanted).await?,
        (_, None) => false,
    };
    let discord_id = linked.or(wanted.filter(|_| !other));
    let (id, mut changed) = match &before {
        None => {
            let seed = Seed { discord_id: discord_id.cloned(), ..seed.clone() };
            (insert(tx, &seed, at).await?, true)
        }
        Some(Before { id, team, .. }) => {
            sqlx::query("UPDATE person SET discord_id = ?, team = ? WHERE id = ?")
                .bind(discord_id)
                .bind(&seed.team)
                .bind(id)
                .execute(&mut **tx)
                .await?;
            (*id, discord_id != linked || *team != seed.team)
        }
    };
    changed |= put_roles(tx, id, &seed.roles).await?;
    Ok(match (other, changed) {
        (true, _) => Put::OtherDiscord,
        (false, true) => Put::Changed,
        (false, false) => Put::Kept,
    })
}

async fn is_anybody(tx: &mut Tx, discord_id: &str) -> Result<bool, Error> {
    let id: Option<u64> = sqlx::query_scalar("SELECT id FROM person WHERE discord_id = ? FOR UPDATE")
        .bind(discord_id)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(id.is_some())
}

async fn insert(tx: &mut Tx, seed: &Seed, at: Time) -> Result<u64, Error> {
    let made = sqlx::query("INSERT INTO person (name, discord_id, team, created_at) VALUES (?, ?, ?, ?)")
        .bind(&seed.name)
        .bind(&seed.discord_id)
        .bind(&seed.team)
        .bind(at)
        .execute(&mut **tx)
        .await?;
    Ok(made.last_insert_id())
}

/// Adds a person. `Err` with [`Error::is_duplicate`]: there is one of this name, or that Discord user is another.
pub async fn add(tx: &mut Tx, seed: &Seed, at: Time) -> Result<PersonId, Error> {
    let id = insert(tx, seed, at).await?;
    put_roles(tx, id, &seed.roles).await?;
    Ok(PersonId(id))
}

/// Gives him exactly these roles.
pub async fn set_roles(tx: &mut Tx, id: PersonId, roles: &[Role]) -> Result<bool, Error> {
    put_roles(tx, id.0, roles).await
}

/// Puts him into this team, or into none.
pub async fn set_team(tx: &mut Tx, id: PersonId, team: Option<&str>) -> Result<(), Error> {
    sqlx::query("UPDATE person SET team = ? WHERE id = ?").bind(team).bind(id.0).execute(&mut **tx).await?;
    Ok(())
}

/// The person with this name, locked.
pub async fn lock(tx: &mut Tx, name: &str) -> Result<Option<Person>, Error> {
    let id: Option<u64> = sqlx::query_scalar("SELECT id FROM person WHERE name = ? FOR UPDATE")
        .bind(name)
        .fetch_optional(&mut **tx)
        .await?;
    match id {
        Some(id) => by_id(&mut **tx, PersonId(id)).await,
        None => Ok(None),
    }
}

/// He is this Discord user from now on, where he was none. `Err` with [`Error::is_duplicate`]: that one is somebody else.
pub async fn link(tx: &mut Tx, id: PersonId, discord_id: &str) -> Result<bool, Error> {
    let done = sqlx::query(
        "UPDATE person SET discord_id = ?, unlinked_discord_id = NULL WHERE id = ? AND discord_id IS NULL",
    )
    .bind(discord_id)
    .bind(id.0)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// He is no Discord user any more.
pub async fn unlink(tx: &mut Tx, id: PersonId) -> Result<(), Error> {
    sqlx::query(
        "UPDATE person SET unlinked_discord_id = discord_id, discord_id = NULL WHERE id = ? AND discord_id IS NOT NULL",
    )
    .bind(id.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Everybody with this role, at most so many, by name.
pub async fn of_role(from: impl MySqlExecutor<'_>, role: Role, most: u32) -> Result<Vec<PersonView>, Error> {
    let rows: Vec<(u64, String, Option<String>)> = sqlx::query_as(
        "SELECT p.id, p.name, p.discord_id FROM person p JOIN person_role r ON r.person_id = p.id WHERE r.role = ? \
         ORDER BY p.name LIMIT ?",
    )
    .bind(word(role))
    .bind(most)
    .fetch_all(from)
    .await?;
    let view = |(id, name, discord_id)| PersonView { id: PersonId(id), name, discord_id };
    Ok(rows.into_iter().map(view).collect())
}

/// The admins who are Discord users, locked: two who unlink one another at the same moment do it one after the other.
pub async fn lock_linked_admins(tx: &mut Tx) -> Result<BTreeSet<PersonId>, Error> {
    let ids: Vec<u64> = sqlx::query_scalar(
        "SELECT p.id FROM person p JOIN person_role r ON r.person_id = p.id WHERE r.role = 'admin' AND p.discord_id IS NOT NULL \
         ORDER BY p.id FOR UPDATE",
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(ids.into_iter().map(PersonId).collect())
}

/// Everybody, by name, at most so many.
pub async fn all(pool: &Pool, most: u32) -> Result<Vec<Person>, Error> {
    let rows = sqlx::query_as(
        "SELECT p.id, p.name, p.discord_id, p.team, r.role FROM person p LEFT JOIN person_role r ON r.person_id = p.id \
         ORDER BY p.name LIMIT ?",
    )
    .bind(most)
    .fetch_all(pool)
    .await?;
    each(rows)
}

/// The teams that somebody is in, by name.
pub async fn teams(pool: &Pool, most: u32) -> Result<Vec<String>, Error> {
    Ok(sqlx::query_scalar("SELECT DISTINCT team FROM person WHERE team IS NOT NULL ORDER BY team LIMIT ?")
        .bind(most)
        .fetch_all(pool)
        .await?)
}

async fn put_roles(tx: &mut Tx, id: u64, roles: &[Role]) -> Result<bool, Error> {
    let mut changed = false;
    let had: Vec<String> = sqlx::query_scalar("SELECT role FROM person_role WHERE person_id = ?")
        .bind(id)
        .fetch_all(&mut **tx)
        .await?;
    let (had, wanted): (BTreeSet<&str>, BTreeSet<&str>) =
        (had.iter().map(String::as_str).collect(), roles.iter().map(|role| word(*role)).collect());
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
