//! Who asks.

use dbdesk_cmdb::Within;
use dbdesk_commands::{
    lang::Lang,
    wire::person::{Actor, Role},
};
use dbdesk_store::{person::Person, token::Token};
use std::sync::Arc;

/// The person for whom a request is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub person: Person,
    /// The token that says so.
    pub token: Arc<Token>,
    /// In which language he is answered.
    pub lang: Lang,
}

impl Caller {
    /// As an entry's actor.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Person(self.person.view())
    }

    /// Whether he decides and steers.
    #[must_use]
    pub fn is_dba(&self) -> bool {
        self.person.roles.contains(&Role::Dba)
    }

    /// Whether he manages people and tokens.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.person.roles.contains(&Role::Admin)
    }

    /// The service groups that his token reaches.
    #[must_use]
    pub fn within(&self) -> &Within {
        &self.token.what.within
    }
}

/// Who may read: a person, or the bot itself to tell the story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The person; absent where the bot reads for itself.
    pub person: Option<Caller>,
    /// The token that says so.
    pub token: Arc<Token>,
    /// In which language.
    pub lang: Lang,
}

impl Reader {
    /// The service groups that the token reaches.
    #[must_use]
    pub fn within(&self) -> &Within {
        &self.token.what.within
    }
}
