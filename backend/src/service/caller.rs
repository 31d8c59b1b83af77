//! Who asks.

use dbdesk_commands::{lang::Lang, wire::person::Actor};
use dbdesk_store::person::Person;

/// The person for whom a request is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub person: Person,
    /// The token that says so.
    pub token: u64,
    /// In which language he is answered.
    pub lang: Lang,
}

impl Caller {
    /// As an entry's actor.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Person(self.person.view())
    }
}

/// Who may read: a person, or the bot itself to tell the story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The person; absent where the bot reads for itself.
    pub person: Option<Caller>,
    /// In which language.
    pub lang: Lang,
}
