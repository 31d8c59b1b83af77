//! Answers to interactions: first within three seconds, then within fifteen minutes.

use super::{Rest, RestError, code};
use crate::reply::message::Message;
use serde_json::{Value, json};
use serenity::{
    all::{
        AutocompleteChoice, CreateAutocompleteResponse, CreateInteractionResponse,
        CreateInteractionResponseMessage, CreateModal,
    },
    model::id::{ApplicationId, InteractionId},
};
use twilight_http::routing::Route;

/// Only the asker sees it.
const EPHEMERAL: u64 = 1 << 6;

/// What an answer needs of its interaction.
#[derive(Debug, Clone)]
pub struct Handle {
    /// Its id.
    pub id: InteractionId,
    /// The application it was sent to.
    pub application: ApplicationId,
    /// Its token.
    pub token: String,
}

impl RestError {
    /// The interaction can no longer be answered.
    #[must_use]
    pub fn is_too_late(&self) -> bool {
        [code::UNKNOWN_INTERACTION, code::INVALID_WEBHOOK_TOKEN, code::UNKNOWN_WEBHOOK]
            .iter()
            .any(|c| self.is(*c))
    }
}

impl Rest {
    async fn callback(&self, to: &Handle, body: &impl serde::Serialize) -> Result<(), RestError> {
        let route = || Route::InteractionCallback {
            interaction_id: to.id.get(),
            interaction_token: &to.token,
            with_response: false,
        };
        match self.send::<Value>(route(), Some(body), &[]).await {
            Err(RestError::Retry(why)) => {
                tracing::debug!(why, interaction = %to.id, "acknowledging again");
                match self.send::<Value>(route(), Some(body), &[]).await {
                    // The first try had arrived after all.
                    Err(error) if error.is(code::ACKNOWLEDGED) => Ok(()),
                    other => other.map(drop),
                }
            }
            other => other.map(drop),
        }
    }

    /// "Thinking …", seen by the asker only; [`Self::answer`] follows.
    pub async fn defer(&self, to: &Handle) -> Result<(), RestError> {
        let message = CreateInteractionResponseMessage::new().ephemeral(true);
        self.callback(to, &CreateInteractionResponse::Defer(message)).await
    }

    /// Takes a press on a message of the asker's own without a sign; [`Self::answer`] then edits that message.
    pub async fn defer_update(&self, to: &Handle) -> Result<(), RestError> {
        self.callback(to, &CreateInteractionResponse::Acknowledge).await
    }

    /// Opens a form.
    pub async fn open_modal(&self, to: &Handle, modal: CreateModal) -> Result<(), RestError> {
        self.callback(to, &CreateInteractionResponse::Modal(modal)).await
    }

    /// Offers choices, name and value.
    pub async fn offer(&self, to: &Handle, choices: Vec<(String, String)>) -> Result<(), RestError> {
        let choices = choices.into_iter().map(|(name, value)| AutocompleteChoice::new(name, value)).collect();
        let answer = CreateAutocompleteResponse::new().set_choices(choices);
        self.callback(to, &CreateInteractionResponse::Autocomplete(answer)).await
    }

    /// Answers at once, seen by the asker only. Without files: there is no time for them.
    pub async fn say(&self, to: &Handle, message: Message) -> Result<(), RestError> {
        let (mut data, _) = Message { files: Vec::new(), ..message }.into_json();
        if let Some(data) = data.as_object_mut() {
            data.insert("flags".to_owned(), json!(EPHEMERAL));
        }
        self.callback(to, &json!({ "type": 4, "data": data })).await
    }

    /// The answer after [`Self::defer`].
    pub async fn answer(&self, to: &Handle, message: Message) -> Result<(), RestError> {
        let (body, files) = Message { nonce: None, ..message }.into_json();
        let route = Route::UpdateInteractionOriginal {
            application_id: to.application.get(),
            interaction_token: &to.token,
        };
        self.send::<Value>(route, Some(&body), &files).await.map(drop)
    }
}
