//! Who asks.

use crate::desk::Desk;
use dbdesk_cmdb::Within;
use dbdesk_commands::{
    lang::Lang,
    wire::{
        audit::Via,
        person::{Actor, Role},
    },
};
use dbdesk_store::{Error, Tx, audit::Origin, begin_as, person::Person, token::Token};
use std::sync::Arc;

/// The person for whom a request is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub person: Person,
    /// The token that says so.
    pub token: Arc<Token>,
    /// From where: Discord's interaction and channel, or the peer's address.
    pub source: Option<String>,
    /// In which language he is answered.
    pub lang: Lang,
}

impl Caller {
    /// As an entry's actor.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Person(self.person.view())
    }

    /// A transaction in his name: what he decides in it goes to the audit log.
    pub async fn begin(&self, desk: &Desk) -> Result<Tx, Error> {
        let origin = Origin {
            person: Some((self.person.id, self.person.name.clone())),
            via: if self.token.is_bot() { Via::Discord } else { Via::Api },
            token: Some(self.token.what.name.clone()),
            source: self.source.clone(),
            ..Origin::default()
        };
        begin_as(&desk.store, origin).await
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
