//! Table `api_token`: who may speak to the API, and what he may there. A token is kept as its SHA-256 only.

use crate::{Error, Pool, Tx};
use dbdesk_cmdb::{GroupId, Within};
use dbdesk_commands::{
    clock::Time,
    id::PersonId,
    wire::{
        person::PersonView,
        token::{May, TokenKind, TokenView, words},
    },
};
use sqlx::{FromRow, MySql, QueryBuilder, mysql::MySqlExecutor};
use std::collections::{BTreeMap, BTreeSet};

/// As whom a token acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// As this person.
    Person(PersonId),
    /// As the bot: reads, writes cards, and acts only as a mapped Discord user.
    Bot,
}

impl Kind {
    fn parts(self) -> (&'static str, Option<u64>) {
        match self {
            Self::Person(person) => ("person", Some(person.0)),
            Self::Bot => ("bot", None),
        }
    }
}

/// What a token is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// What it is called.
    pub name: String,
    /// As whom it acts.
    pub kind: Kind,
    /// What it may.
    pub may: BTreeSet<May>,
    /// In which service groups.
    pub within: Within,
    /// When it ends; `None`: when it is revoked.
    pub expires_at: Option<Time>,
    /// The token that asked for it.
    pub made_by: Option<u64>,
}

/// A token that is known and not revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its number.
    pub id: u64,
    /// What it is for.
    pub what: NewToken,
    /// When it was last noted as used.
    pub last_used_at: Option<Time>,
}

impl Token {
    /// Whether it has ended.
    #[must_use]
    pub fn is_over(&self, now: Time) -> bool {
        self.what.expires_at.is_some_and(|end| end <= now)
    }

    /// Whether it is the bot's.
    #[must_use]
    pub fn is_bot(&self) -> bool {
        self.what.kind == Kind::Bot
    }
}

#[derive(FromRow)]
struct Row {
    id: u64,
    name: String,
    kind: String,
    person_id: Option<u64>,
    may: String,
    service_groups: Option<String>,
    expires_at: Option<Time>,
    made_by: Option<u64>,
    last_used_at: Option<Time>,
}

impl TryFrom<Row> for Token {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let strange = |what: &str| Error::strange(format!("token {} has {what}", row.id));
        let kind = match (row.kind.as_str(), row.person_id) {
            ("person", Some(person)) => Kind::Person(PersonId(person)),
            ("bot", None) => Kind::Bot,
            (kind, _) => return Err(strange(kind)),
        };
        let may = may_of(&row.may).ok_or_else(|| strange(&row.may))?;
        let within = within_of(row.service_groups.as_deref()).ok_or_else(|| strange("strange groups"))?;
        let what =
            NewToken { name: row.name, kind, may, within, expires_at: row.expires_at, made_by: row.made_by };
        Ok(Self { id: row.id, what, last_used_at: row.last_used_at })
    }
}

fn may_of(text: &str) -> Option<BTreeSet<May>> {
    text.split(',').filter(|word| !word.is_empty()).map(May::of_word).collect()
}

fn within_of(text: Option<&str>) -> Option<Within> {
    let Some(text) = text else { return Some(Within::All) };
    let numbers = text.split(',').filter(|number| !number.is_empty());
    let groups: Option<BTreeSet<GroupId>> = numbers.map(|number| number.parse().ok().map(GroupId)).collect();
    groups.map(Within::Only)
}

fn groups_text(within: &Within) -> Option<String> {
    match within {
        Within::All => None,
        Within::Only(groups) => {
            Some(groups.iter().map(|group| group.0.to_string()).collect::<Vec<_>>().join(","))
        }
    }
}

/// Keeps a new token. `Err` with [`Error::is_duplicate`]: its name is taken.
pub async fn insert(
    to: impl MySqlExecutor<'_>,
    new: &NewToken,
    hash: &[u8; 32],
    at: Time,
) -> Result<(), Error> {
    let (kind, person) = new.kind.parts();
    sqlx::query(
        "INSERT INTO api_token (name, hash, kind, person_id, may, service_groups, expires_at, made_by, created_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&new.name)
    .bind(hash.as_slice())
    .bind(kind)
    .bind(person)
    .bind(words(&new.may))
    .bind(groups_text(&new.within))
    .bind(new.expires_at)
    .bind(new.made_by)
    .bind(at)
    .execute(to)
    .await?;
    Ok(())
}

/// The token with this hash, if it is known and not revoked. Whether it has ended is for the caller to look at.
pub async fn by_hash(pool: &Pool, hash: &[u8; 32]) -> Result<Option<Token>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT id, name, kind, person_id, may, service_groups, expires_at, made_by, last_used_at FROM api_token \
         WHERE hash = ? AND revoked_at IS NULL",
    )
    .bind(hash.as_slice())
    .fetch_optional(pool)
    .await?;
    row.map(Token::try_from).transpose()
}

/// Whether a token may still be used.
pub async fn lives(pool: &Pool, id: u64, now: Time) -> Result<bool, Error> {
    let found: Option<i64> = sqlx::query_scalar(
        "SELECT 1 FROM api_token WHERE id = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)",
    )
    .bind(id)
    .bind(now)
    .fetch_optional(pool)
    .await?;
    Ok(found.is_some())
}

/// Notes that a token was used, and from where.
pub async fn used(pool: &Pool, id: u64, at: Time, from: Option<&str>) -> Result<(), Error> {
    sqlx::query("UPDATE api_token SET last_used_at = ?, last_used_from = ? WHERE id = ?")
        .bind(at)
        .bind(from)
        .bind(id)
        .execute(pool)
        .await?;
    Ok(())
}

/// How many of a person's tokens can be used. Others of the same person wait meanwhile.
pub async fn count(tx: &mut Tx, person: PersonId, now: Time) -> Result<i64, Error> {
    sqlx::query("SELECT id FROM person WHERE id = ? FOR UPDATE").bind(person.0).execute(&mut **tx).await?;
    Ok(sqlx::query_scalar(
        "SELECT COUNT(*) FROM api_token WHERE person_id = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)",
    )
    .bind(person.0)
    .bind(now)
    .fetch_one(&mut **tx)
    .await?)
}

/// The most that are listed.
const MOST: u32 = 1_000;

#[derive(FromRow)]
struct Listed {
    name: String,
    kind: String,
    person_id: Option<u64>,
    person_name: Option<String>,
    discord_id: Option<String>,
    may: String,
    service_groups: Option<String>,
    created_at: Time,
    expires_at: Option<Time>,
    last_used_at: Option<Time>,
    last_used_from: Option<String>,
    revoked_at: Option<Time>,
}

/// Tokens, of one person or of all, by name; those that were not revoked first.
pub async fn page(pool: &Pool, person: Option<PersonId>) -> Result<Vec<TokenView>, Error> {
    let mut query = QueryBuilder::<MySql>::new(
        "SELECT t.name, t.kind, t.person_id, p.name AS person_name, p.discord_id, t.may, t.service_groups, t.created_at, \
         t.expires_at, t.last_used_at, t.last_used_from, t.revoked_at FROM api_token t \
         LEFT JOIN person p ON p.id = t.person_id WHERE 1 = 1",
    );
    if let Some(person) = person {
        query.push(" AND t.person_id = ").push_bind(person.0);
    }
    query.push(" ORDER BY t.revoked_at IS NOT NULL, t.name LIMIT ").push_bind(MOST);
    let rows: Vec<Listed> = query.build_query_as().fetch_all(pool).await?;
    let mut groups = BTreeSet::new();
    for row in &rows {
        if let Some(Within::Only(own)) = within_of(row.service_groups.as_deref()) {
            groups.extend(own);
        }
    }
    let names = crate::service_group::names_of(pool, &groups).await?;
    rows.into_iter().map(|row| view(row, &names)).collect()
}

fn view(row: Listed, names: &BTreeMap<GroupId, String>) -> Result<TokenView, Error> {
    let strange = |what: &str| Error::strange(format!("token {} has {what}", row.name));
    let kind = match row.kind.as_str() {
        "person" => TokenKind::Person,
        "bot" => TokenKind::Bot,
        other => return Err(strange(other)),
    };
    let person = row.person_id.zip(row.person_name.clone());
    let name_of = |group: &GroupId| names.get(group).cloned().unwrap_or_else(|| group.to_string());
    let service_groups = match within_of(row.service_groups.as_deref()) {
        Some(Within::All) => None,
        Some(Within::Only(groups)) => Some(groups.iter().map(name_of).collect()),
        None => return Err(strange("strange groups")),
    };
    Ok(TokenView {
        kind,
        may: may_of(&row.may).ok_or_else(|| strange(&row.may))?,
        service_groups,
        person: person.map(|(id, name)| PersonView {
            id: PersonId(id),
            name,
            discord_id: row.discord_id.clone(),
        }),
        name: row.name,
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
        last_used_from: row.last_used_from,
        revoked_at: row.revoked_at,
    })
}

/// Locks it; `false`: it is revoked.
pub async fn lock(tx: &mut Tx, id: u64) -> Result<bool, Error> {
    let lives: Option<u64> =
        sqlx::query_scalar("SELECT id FROM api_token WHERE id = ? AND revoked_at IS NULL FOR UPDATE")
            .bind(id)
            .fetch_optional(&mut **tx)
            .await?;
    Ok(lives.is_some())
}

/// Longest row of tokens of which each made the next.
const GENERATIONS: usize = 64;

/// Revokes a token (with `person`: only one of his) and all that were made with it; gives the names of those that could be used
/// until then. None: there was none to revoke.
pub async fn revoke(
    tx: &mut Tx,
    name: &str,
    person: Option<PersonId>,
    at: Time,
) -> Result<Vec<String>, Error> {
    let first: Option<u64> = sqlx::query_scalar(
        "SELECT id FROM api_token WHERE name = ? AND revoked_at IS NULL AND (? IS NULL OR person_id = ?) FOR UPDATE",
    )
    .bind(name)
    .bind(person.map(|person| person.0))
    .bind(person.map(|person| person.0))
    .fetch_optional(&mut **tx)
    .await?;
    let mut next: Vec<u64> = first.into_iter().collect();
    let mut all: Vec<u64> = Vec::new();
    for _ in 0..GENERATIONS {
        if next.is_empty() {
            break;
        }
        let mut query = QueryBuilder::<MySql>::new("SELECT id FROM api_token WHERE made_by IN (");
        let mut list = query.separated(", ");
        for id in &next {
            list.push_bind(id);
        }
        query.push(") FOR UPDATE");
        all.append(&mut next);
        next = query.build_query_scalar().fetch_all(&mut **tx).await?;
    }
    let mut names = Vec::new();
    for id in all {
        let live: Option<String> =
            sqlx::query_scalar("SELECT name FROM api_token WHERE id = ? AND revoked_at IS NULL")
                .bind(id)
                .fetch_optional(&mut **tx)
                .await?;
        sqlx::query("UPDATE api_token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL")
            .bind(at)
            .bind(id)
            .execute(&mut **tx)
            .await?;
        names.extend(live);
    }
    Ok(names)
}

/// A token whose end is near.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Ending {
    /// What it is called.
    pub name: String,
    /// When it ends, or has ended.
    pub expires_at: Time,
}

/// Tokens that end until `until` and are missed then: the bot's, and those of which a use was noted since `used`.
pub async fn ending(pool: &Pool, until: Time, used: Time) -> Result<Vec<Ending>, Error> {
    Ok(sqlx::query_as(
        "SELECT name, expires_at FROM api_token WHERE revoked_at IS NULL AND expires_at <= ? \
         AND (last_used_at >= ? OR kind = 'bot' AND expires_at >= ?) ORDER BY expires_at, name LIMIT 100",
    )
    .bind(until)
    .bind(used)
    .bind(used)
    .fetch_all(pool)
    .await?)
}
