//! A message on its way to Discord: plain data that is fitted to Discord's limits in one place.

use super::limits::{self, cut, length};
use serde_json::{Value, json};
use serenity::{
    builder::{
        CreateActionRow, CreateAllowedMentions, CreateButton, CreateEmbed, CreateEmbedFooter, CreateMessage,
        CreateSelectMenu, CreateSelectMenuKind, CreateSelectMenuOption,
    },
    model::{
        application::ButtonStyle,
        channel::Nonce,
        id::{RoleId, UserId},
    },
};
use std::iter::Peekable;

/// Texts of the boxes of one message, with room for what else it says.
pub const MESSAGE_TEXT: usize = 5_000;

/// A file beside a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A box with a coloured edge.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Embed {
    /// Its title.
    pub title: String,
    /// Its text.
    pub text: String,
    /// The colour of its edge, RGB.
    pub colour: u32,
    /// Name, value, and whether it may stand beside others.
    pub fields: Vec<(String, String, bool)>,
    /// Small print.
    pub footer: String,
}

impl Embed {
    fn length(&self) -> usize {
        let fields: usize = self.fields.iter().map(|(name, value, _)| length(name) + length(value)).sum();
        length(&self.title) + length(&self.text) + length(&self.footer) + fields
    }

    fn fitted(mut self) -> Self {
        self.title = cut(&self.title, limits::TITLE).into_owned();
        self.text = cut(&self.text, limits::DESCRIPTION).into_owned();
        self.footer = cut(&self.footer, limits::FOOTER).into_owned();
        self.fields.truncate(limits::FIELDS);
        for (name, value, _) in &mut self.fields {
            *name = cut(name, limits::FIELD_NAME).into_owned();
            *value = cut(value, limits::FIELD_VALUE).into_owned();
        }
        self.fields.retain(|(name, value, _)| !name.trim().is_empty() && !value.trim().is_empty());
        self
    }

    fn build(self) -> CreateEmbed {
        let mut embed = CreateEmbed::new().colour(self.colour);
        if !self.title.is_empty() {
            embed = embed.title(self.title);
        }
        if !self.text.is_empty() {
            embed = embed.description(self.text);
        }
        if !self.footer.is_empty() {
            embed = embed.footer(CreateEmbedFooter::new(self.footer));
        }
        embed.fields(self.fields)
    }
}

/// Boxes on their way into messages, in order.
#[derive(Debug)]
pub struct Boxes(Peekable<std::vec::IntoIter<Embed>>);

impl Boxes {
    /// These boxes.
    #[must_use]
    pub fn new(embeds: Vec<Embed>) -> Self {
        Self(embeds.into_iter().peekable())
    }

    /// Adds boxes to `into` while they fit into so many characters, and it has less than `most` of them.
    pub fn fill(&mut self, into: &mut Vec<Embed>, characters: usize, most: usize) {
        let used: usize = into.iter().map(Embed::length).sum();
        let mut room = characters.saturating_sub(used);
        while let Some(embed) = self.0.next_if(|embed| embed.length() <= room && into.len() < most) {
            room -= embed.length();
            into.push(embed);
        }
    }

    /// All of them as messages, packed as closely as Discord allows.
    #[must_use]
    pub fn packed(mut self) -> Vec<Message> {
        let mut messages = Vec::new();
        while let Some(first) = self.0.next() {
            let mut embeds = vec![first];
            self.fill(&mut embeds, MESSAGE_TEXT, limits::EMBEDS - 1);
            messages.push(Message { embeds, ..Message::default() });
        }
        messages
    }

    /// Whether none is left.
    pub fn is_empty(&mut self) -> bool {
        self.0.peek().is_none()
    }
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// What comes back when it is pressed.
    pub custom_id: String,
    /// What is written on it.
    pub label: String,
    /// Its colour.
    pub style: ButtonStyle,
}

/// A choice of a menu.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pick {
    /// What it is called.
    pub label: String,
    /// What comes back when it is chosen; longer than a menu takes, it is not offered.
    pub value: String,
    /// What is said of it.
    pub about: String,
    /// It is chosen now.
    pub is_chosen: bool,
}

/// A menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Select {
    /// What comes back when something is chosen.
    pub custom_id: String,
    /// Shown until something is chosen.
    pub placeholder: String,
    /// What may be chosen.
    pub options: Vec<Pick>,
    /// From so many.
    pub least: usize,
    /// To so many.
    pub most: usize,
}

impl Select {
    fn fitted(mut self) -> Self {
        self.placeholder = cut(&self.placeholder, limits::MENU_PLACEHOLDER).into_owned();
        self.options.retain(|pick| (1..=limits::PICK).contains(&length(&pick.value)));
        self.options.truncate(limits::MENU);
        let mut chosen = 0;
        self.most = self.most.clamp(1, self.options.len().max(1));
        self.least = self.least.min(self.most);
        for pick in &mut self.options {
            pick.label = cut(&pick.label, limits::PICK).into_owned();
            pick.about = cut(pick.about.trim(), limits::PICK).into_owned();
            pick.is_chosen &= chosen < self.most;
            chosen += usize::from(pick.is_chosen);
        }
        self
    }

    fn build(self) -> CreateActionRow {
        let option = |pick: Pick| {
            let option =
                CreateSelectMenuOption::new(pick.label, pick.value).default_selection(pick.is_chosen);
            if pick.about.is_empty() { option } else { option.description(pick.about) }
        };
        let options = self.options.into_iter().map(option).collect();
        let count = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
        let menu = CreateSelectMenu::new(self.custom_id, CreateSelectMenuKind::String { options });
        let menu =
            menu.placeholder(self.placeholder).min_values(count(self.least)).max_values(count(self.most));
        CreateActionRow::SelectMenu(menu)
    }
}

/// A message. Mentions nobody unless `pings` says whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// Text above the embeds.
    pub content: String,
    /// Boxes.
    pub embeds: Vec<Embed>,
    /// Menus, each in a row of its own above the buttons.
    pub selects: Vec<Select>,
    /// Buttons, in rows of five.
    pub buttons: Vec<Button>,
    /// Files.
    pub files: Vec<File>,
    /// Who is notified if `content` mentions him.
    pub pings: Vec<UserId>,
    /// Which roles are notified if `content` mentions them.
    pub role_pings: Vec<RoleId>,
    /// Discord takes a message with the same nonce only once within some minutes.
    pub nonce: Option<String>,
}

impl Message {
    /// Text alone.
    #[must_use]
    pub fn text(content: impl Into<String>) -> Self {
        Self { content: content.into(), ..Self::default() }
    }

    /// The same with a file.
    #[must_use]
    pub fn with_file(mut self, name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.push(File { name: name.into(), bytes: bytes.into() });
        self
    }

    /// Cut to everything that Discord demands.
    #[must_use]
    pub fn fitted(mut self) -> Self {
        self.content = cut(&self.content, limits::CONTENT).into_owned();
        self.embeds.truncate(limits::EMBEDS);
        self.embeds = self.embeds.into_iter().map(Embed::fitted).collect();
        let mut left = limits::EMBEDS_TOTAL;
        self.embeds.retain_mut(|embed| {
            let over = embed.length().saturating_sub(left);
            embed.text = cut(&embed.text, length(&embed.text).saturating_sub(over)).into_owned();
            let fits = embed.length() <= left && embed.length() > 0;
            left -= if fits { embed.length() } else { 0 };
            fits
        });
        self.selects = self.selects.into_iter().map(Select::fitted).collect();
        self.selects.retain(|menu| !menu.options.is_empty());
        self.selects.truncate(limits::ROWS - 1);
        self.buttons.truncate((limits::ROWS - self.selects.len()) * limits::ROW);
        for button in &mut self.buttons {
            button.label = cut(&button.label, limits::LABEL).into_owned();
        }
        self.nonce = self.nonce.map(|nonce| nonce.chars().take(limits::NONCE).collect());
        self
    }

    /// The body of the request, through serenity's builders; `attachments` name the files by their place.
    #[must_use]
    pub fn into_json(self) -> (Value, Vec<File>) {
        let message = self.fitted();
        let mentions = CreateAllowedMentions::new().users(message.pings).roles(message.role_pings);
        let mut builder = CreateMessage::new()
            .content(message.content)
            .embeds(message.embeds.into_iter().map(Embed::build).collect())
            .components(rows(message.selects, message.buttons))
            .allowed_mentions(mentions);
        if let Some(nonce) = message.nonce {
            builder = builder.nonce(Nonce::String(nonce)).enforce_nonce(true);
        }
        let mut body = serde_json::to_value(builder).unwrap_or_default();
        if let Some(body) = body.as_object_mut() {
            if body.get("enforce_nonce") == Some(&Value::Bool(false)) {
                body.remove("enforce_nonce");
            }
            body.remove("tts");
            body.remove("sticker_ids");
            let attachments = message.files.iter().enumerate();
            let attachments =
                attachments.map(|(id, file)| json!({ "id": id, "filename": file.name })).collect();
            body.insert("attachments".to_owned(), Value::Array(attachments));
        }
        (body, message.files)
    }
}

fn rows(selects: Vec<Select>, buttons: Vec<Button>) -> Vec<CreateActionRow> {
    let buttons: Vec<_> = buttons
        .into_iter()
        .map(|button| CreateButton::new(button.custom_id).label(button.label).style(button.style))
        .collect();
    let menus = selects.into_iter().map(Select::build);
    menus.chain(buttons.chunks(limits::ROW).map(|row| CreateActionRow::Buttons(row.to_vec()))).collect()
}
