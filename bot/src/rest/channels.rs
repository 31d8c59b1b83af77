//! Messages and threads in channels.

use super::{Rest, RestError, code};
use crate::reply::{
    limits::{self, cut},
    message::Message,
};
use serde_json::{Value, json};
use serenity::{
    all::{AutoArchiveDuration, CreateThread},
    model::{
        channel::{GuildChannel, Message as Posted},
        id::{ChannelId, MessageId},
    },
};
use twilight_http::routing::Route;

/// The most messages that Discord gives at once.
const RECENT: u16 = 100;

impl Rest {
    /// Posts a message; an archived thread is opened first.
    pub async fn post(&self, channel: ChannelId, message: Message) -> Result<Posted, RestError> {
        let (body, files) = message.into_json();
        let route = || Route::CreateMessage { channel_id: channel.get() };
        match self.send(route(), Some(&body), &files).await {
            Err(error) if error.is(code::THREAD_ARCHIVED) => {
                self.unarchive(channel).await?;
                self.send(route(), Some(&body), &files).await
            }
            other => other,
        }
    }

    /// Edits a message of our own; its files stay.
    pub async fn edit(&self, channel: ChannelId, message: MessageId, to: Message) -> Result<(), RestError> {
        let (mut body, _) = Message { files: Vec::new(), nonce: None, ..to }.into_json();
        if let Some(body) = body.as_object_mut() {
            body.remove("attachments");
        }
        let route = || Route::UpdateMessage { channel_id: channel.get(), message_id: message.get() };
        match self.send::<Value>(route(), Some(&body), &[]).await {
            Err(error) if error.is(code::THREAD_ARCHIVED) => {
                self.unarchive(channel).await?;
                self.send::<Value>(route(), Some(&body), &[]).await.map(drop)
            }
            other => other.map(drop),
        }
    }

    /// Deletes a message of our own. One that is gone is as good.
    pub async fn delete(&self, channel: ChannelId, message: MessageId) -> Result<(), RestError> {
        let route = || Route::DeleteMessage { channel_id: channel.get(), message_id: message.get() };
        let deleted = match self.send::<Value>(route(), None::<&Value>, &[]).await {
            Err(error) if error.is(code::THREAD_ARCHIVED) => {
                self.unarchive(channel).await?;
                self.send::<Value>(route(), None::<&Value>, &[]).await
            }
            other => other,
        };
        match deleted {
            Err(error) if error.is(code::UNKNOWN_MESSAGE) || error.is(code::UNKNOWN_CHANNEL) => Ok(()),
            other => other.map(drop),
        }
    }

    /// The newest messages, newest first.
    pub async fn recent(&self, channel: ChannelId) -> Result<Vec<Posted>, RestError> {
        self.get(Route::GetMessages {
            after: None,
            around: None,
            before: None,
            channel_id: channel.get(),
            limit: Some(RECENT),
        })
        .await
    }

    /// Starts the thread under a message. A message has one thread, whose id is its own.
    pub async fn start_thread(
        &self,
        channel: ChannelId,
        message: MessageId,
        name: &str,
    ) -> Result<ChannelId, RestError> {
        let body = CreateThread::new(cut(name, limits::THREAD_NAME))
            .auto_archive_duration(AutoArchiveDuration::ThreeDays);
        let route = Route::CreateThreadFromMessage { channel_id: channel.get(), message_id: message.get() };
        match self.send::<GuildChannel>(route, Some(&body), &[]).await {
            Ok(thread) => Ok(thread.id),
            Err(error) if error.is(code::THREAD_EXISTS) => Ok(ChannelId::new(message.get())),
            Err(error) => Err(error),
        }
    }

    async fn unarchive(&self, thread: ChannelId) -> Result<(), RestError> {
        let route = Route::UpdateChannel { channel_id: thread.get() };
        self.send::<Value>(route, Some(&json!({ "archived": false })), &[]).await.map(drop)
    }
}
