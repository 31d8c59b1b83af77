//! What can be asked of accounts and databases.

/// `/account …` and `/database …` with what was typed; what is empty was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// `/account request`
    Request(Request),
    /// `/account list`
    List {
        /// Which ones.
        which: String,
        /// Of which service group.
        group: String,
    },
    /// `/account renew`
    Renew {
        /// Which account.
        account: String,
        /// Until when.
        until: String,
        /// Why.
        reason: String,
    },
    /// `/account rotate`
    Rotate {
        /// Which account.
        account: String,
        /// The hash of a password of one's own.
        hash: String,
        /// Why.
        reason: String,
    },
    /// `/account revoke`
    Revoke {
        /// Which account.
        account: String,
        /// Why.
        reason: String,
    },
    /// `/database request`
    Database(Database),
}

/// What an account needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The service group.
    pub group: String,
    /// The database.
    pub database: String,
    /// How much it may.
    pub level: String,
    /// From where.
    pub from: String,
    /// Until when.
    pub until: String,
    /// Why.
    pub reason: String,
    /// Only these tables.
    pub tables: String,
    /// What it is called.
    pub name: String,
    /// The hash of a password of one's own.
    pub hash: String,
}

/// What a database needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Database {
    /// The service group.
    pub group: String,
    /// What it is called.
    pub name: String,
    /// Why.
    pub reason: String,
    /// Its character set.
    pub charset: String,
    /// Its collation.
    pub collation: String,
    /// The team that owns it.
    pub owner: String,
    /// How large, in MB.
    pub size: String,
}

/// Reads the options of such a command; `None`: it is none of these.
pub(super) fn read(group: &str, name: &str, of: impl Fn(&str) -> String) -> Option<Access> {
    let (account, reason) = (of("account"), of("reason"));
    Some(match (group, name) {
        ("account", "request") => Access::Request(Request {
            group: of("group"),
            database: of("database"),
            level: of("level"),
            from: of("from"),
            until: of("until"),
            reason,
            tables: of("tables"),
            name: of("name"),
            hash: of("hash"),
        }),
        ("account", "list") => Access::List { which: of("which"), group: of("group") },
        ("account", "renew") => Access::Renew { account, until: of("until"), reason },
        ("account", "rotate") => Access::Rotate { account, hash: of("hash"), reason },
        ("account", "revoke") => Access::Revoke { account, reason },
        ("database", "request") => Access::Database(Database {
            group: of("group"),
            name: of("name"),
            reason,
            charset: of("charset"),
            collation: of("collation"),
            owner: of("owner"),
            size: of("size"),
        }),
        _ => return None,
    })
}
