//! Where a ticket's card and thread are; made where they are missing, found where a crash left them unrecorded.

use super::{Follower, Memory, TellError};
use crate::{
    backend::As,
    reply::{card, escape::is_hidden, limits, message::Message, story::Mark},
};
use dbdesk_commands::{
    id::TicketId,
    lang::Lang,
    point::Point,
    wire::{card::CardPlace, ticket::TicketView},
};
use serde_json::Value;
use serenity::model::id::{ChannelId, MessageId};

/// The place of a card with its thread, as ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub channel: ChannelId,
    pub message: MessageId,
    pub thread: Option<ChannelId>,
    pub told: u64,
}

impl Place {
    pub fn read(card: &CardPlace) -> Result<Self, TellError> {
        let id = |text: &str| {
            text.parse::<std::num::NonZeroU64>()
                .map_err(|_| TellError::Place(text.chars().take(40).collect()))
        };
        Ok(Self {
            channel: ChannelId::from(id(&card.channel_id)?),
            message: MessageId::from(id(&card.message_id)?),
            // A thread under a message has its id; another one is of a card that is gone.
            thread: card
                .thread_id
                .as_deref()
                .filter(|thread| *thread == card.message_id)
                .map(id)
                .transpose()?
                .map(ChannelId::from),
            told: card.told_entry,
        })
    }

    fn write(self) -> CardPlace {
        CardPlace {
            channel_id: self.channel.to_string(),
            message_id: self.message.to_string(),
            thread_id: self.thread.map(|thread| thread.to_string()),
            told_entry: self.told,
        }
    }
}

impl Follower {
    /// Records where the card is and how far it was told.
    pub(super) async fn record(&self, ticket: TicketId, place: Place) -> Result<(), TellError> {
        let id = ticket.0.to_string();
        let _: Value =
            self.backend.put(&As::Desk(Lang::default()), &["tickets", &id, "card"], &place.write()).await?;
        Ok(())
    }

    /// A card for a ticket that has none recorded. `before` is a card that is gone.
    pub(super) async fn make_card(
        &self,
        ticket: &TicketView,
        memory: &Memory,
        before: Option<MessageId>,
    ) -> Result<Place, TellError> {
        let found = if memory.certain || before.is_some() { None } else { self.find_card(ticket.id).await? };
        let message = if let Some(message) = found {
            message
        } else {
            // Discord takes a nonce once within minutes; the new card of a deleted one needs another.
            let again = before.map(|gone| format!("r{}", gone.get() % 1_000_000)).unwrap_or_default();
            let nonce = Some(format!("t{}{again}", ticket.id.0));
            self.rest.post(self.channel, Message { nonce, ..card::card(ticket) }).await?.id
        };
        self.points.at(Point::BotCarded);
        let place = Place { channel: self.channel, message, thread: None, told: 0 };
        self.record(ticket.id, place).await?;
        tracing::info!(ticket = %ticket.id, card = %message, "the card is there");
        Ok(place)
    }

    /// A card that was posted, but not recorded before the bot ended.
    async fn find_card(&self, ticket: TicketId) -> Result<Option<MessageId>, TellError> {
        let head = card::title_head(ticket);
        let recent = self.rest.recent(self.channel).await?;
        let ours = recent.iter().filter(|message| message.author.id == self.own);
        let mut cards = ours.filter(|message| {
            message
                .embeds
                .first()
                .and_then(|embed| embed.title.as_deref())
                .is_some_and(|title| title.starts_with(&head))
        });
        Ok(cards.next().map(|message| message.id))
    }

    /// The thread under the card.
    pub(super) async fn make_thread(&self, ticket: &TicketView, place: Place) -> Result<Place, TellError> {
        let name = thread_name(&format!("{} · {}: {}", ticket.id, ticket.service_group, ticket.reason));
        let thread = self.rest.start_thread(place.channel, place.message, &name).await?;
        self.points.at(Point::BotThreaded);
        let place = Place { thread: Some(thread), ..place };
        self.record(ticket.id, place).await?;
        Ok(place)
    }

    /// The newest mark among our own last messages of a thread.
    pub(super) async fn told_mark(&self, thread: ChannelId) -> Result<Option<Mark>, TellError> {
        let recent = self.rest.recent(thread).await?;
        let ours = recent.iter().filter(|message| message.author.id == self.own);
        let footers = ours.filter_map(|message| message.embeds.last()?.footer.as_ref());
        Ok(footers.filter_map(|footer| Mark::read(&footer.text)).max())
    }
}

/// A thread's name. It shows no markdown, but a mark of direction would turn the page around.
fn thread_name(text: &str) -> String {
    let name: String = text.chars().map(|c| if c.is_control() || is_hidden(c) { ' ' } else { c }).collect();
    limits::cut(name.trim(), limits::THREAD_NAME).into_owned()
}

#[cfg(test)]
mod tests {
    use super::thread_name;

    #[test]
    fn a_reason_does_not_turn_the_name_of_its_thread_around() {
        assert_eq!(thread_name("T-1 · shop: a\u{202e}b\u{200b}c\nd\u{2066}"), "T-1 · shop: a b c d");
    }
}
