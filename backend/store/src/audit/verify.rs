//! Whether the chain is whole.

use super::{
    encoded::{Fields, Hash, hash_of},
    page::Row,
};
use crate::{Error, Pool};
use sqlx::FromRow;
use std::fmt;

/// Rows that are read at a time.
const BATCH: u32 = 1_000;

/// What is wrong with the first row that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// A row is not there.
    Missing {
        /// Which.
        id: u64,
    },
    /// It does not say what it was hashed with: a field was changed.
    Changed {
        /// Which.
        id: u64,
    },
    /// It names another hash than that of the row before: it, or that one, was put there later.
    NotAfter {
        /// Which.
        id: u64,
    },
    /// The newest row is not the one that the head names.
    NotTheHead {
        /// The newest row.
        id: u64,
        /// What the head names.
        head: u64,
    },
    /// No row has the hash that was written down elsewhere: rows were removed and the rest was hashed anew.
    NotExpected {
        /// The hash, hex.
        hash: String,
    },
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { id } => write!(f, "row {id} is missing"),
            Self::Changed { id } => write!(f, "row {id} was changed: its hash is not that of what it says"),
            Self::NotAfter { id } => {
                write!(
                    f,
                    "row {id} does not follow row {}: it names another hash before it",
                    id.saturating_sub(1)
                )
            }
            Self::NotTheHead { id, head } => {
                write!(
                    f,
                    "the newest row is {id}, but audit_head names {head} or another hash: rows were added or removed at the end"
                )
            }
            Self::NotExpected { hash } => {
                write!(
                    f,
                    "no row has the hash {hash}: rows were removed at the end, or all from somewhere on were hashed anew"
                )
            }
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Rows that were looked at and are right.
    pub rows: u64,
    /// The newest row, and its hash in hex: to be written down elsewhere.
    pub head: (u64, String),
    /// What is wrong, if anything.
    pub wrong: Option<Wrong>,
}

#[derive(FromRow)]
struct Ends {
    last_id: u64,
    last_hash: Vec<u8>,
    /// Of all rows; none where there are none.
    newest: Option<u64>,
}

/// The newest row and its hash in hex, as the head names them.
pub async fn head(pool: &Pool) -> Result<(u64, String), Error> {
    let ends = ends(pool).await?;
    Ok((ends.last_id, hex::encode(ends.last_hash)))
}

/// Head and newest row at one moment.
async fn ends(pool: &Pool) -> Result<Ends, Error> {
    let ends: Option<Ends> = sqlx::query_as(
        "SELECT last_id, last_hash, (SELECT MAX(id) FROM audit) AS newest FROM audit_head WHERE id = 1",
    )
    .fetch_optional(pool)
    .await?;
    ends.ok_or_else(|| Error::strange("audit_head has no row"))
}

/// Looks at the newest `rows` rows only.
pub async fn verify_last(pool: &Pool, rows: u64) -> Result<Verdict, Error> {
    let (last, _) = head(pool).await?;
    verify(pool, last.saturating_sub(rows) + 1, None).await
}

/// Looks at every row from `from` on, a thousand at a time; what is added meanwhile is left for the next time. `expected`: a hash in hex that
/// was written down earlier.
pub async fn verify(pool: &Pool, from: u64, expected: Option<&str>) -> Result<Verdict, Error> {
    let ends = ends(pool).await?;
    let newest = ends.newest.unwrap_or(0);
    let head = (ends.last_id, hex::encode(&ends.last_hash));
    let mut chain = Chain::before(pool, from.max(1)).await?;
    let expected = expected.map(str::to_ascii_lowercase);
    let is_expected = |hash: &Hash| expected.as_ref().is_none_or(|expected| *expected == hex::encode(hash));
    // Before the first row there is none that somebody could have written down.
    let mut met = expected.is_none() || chain.id > 0 && is_expected(&chain.hash);
    let done = |chain: &Chain, wrong| Verdict { rows: chain.rows, head: head.clone(), wrong };
    while chain.id < newest {
        let rows = super::page::after(pool, chain.id, newest, BATCH).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            if let Err(wrong) = chain.follow(row)? {
                return Ok(done(&chain, Some(wrong)));
            }
            met |= is_expected(&chain.hash);
        }
    }
    // From a row on that is not there yet there is nothing to say.
    let at_end = chain.id == ends.last_id && chain.hash.as_slice() == ends.last_hash
        || chain.id > newest.max(ends.last_id);
    if !at_end {
        return Ok(done(&chain, Some(Wrong::NotTheHead { id: newest, head: ends.last_id })));
    }
    let missing = expected.filter(|_| !met).map(|hash| Wrong::NotExpected { hash });
    Ok(done(&chain, missing))
}

/// The chain as far as it was followed.
struct Chain {
    id: u64,
    hash: Hash,
    rows: u64,
}

impl Chain {
    /// Up to the row before this one, which is believed.
    async fn before(pool: &Pool, from: u64) -> Result<Self, Error> {
        if from == 1 {
            return Ok(Self { id: 0, hash: [0; 32], rows: 0 });
        }
        let hash: Option<Vec<u8>> = sqlx::query_scalar("SELECT hash FROM audit WHERE id = ?")
            .bind(from - 1)
            .fetch_optional(pool)
            .await?;
        match hash {
            Some(hash) => Ok(Self { id: from - 1, hash: hash_of(&hash)?, rows: 0 }),
            // It is missing; that is told when the next one is met.
            None => Ok(Self { id: from - 2, hash: [0; 32], rows: 0 }),
        }
    }

    fn follow(&mut self, row: Row) -> Result<Result<(), Wrong>, Error> {
        let (prev, hash) = (hash_of(&row.prev_hash)?, hash_of(&row.hash)?);
        let fields = Fields::from(row);
        let id = fields.id;
        if id != self.id + 1 {
            return Ok(Err(Wrong::Missing { id: self.id + 1 }));
        }
        if fields.hash(&prev) != hash {
            return Ok(Err(Wrong::Changed { id }));
        }
        if prev != self.hash {
            return Ok(Err(Wrong::NotAfter { id }));
        }
        *self = Self { id, hash, rows: self.rows + 1 };
        Ok(Ok(()))
    }
}
