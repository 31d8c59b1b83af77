//! Table `button`: one for each verb of each revision of a ticket, so that an old card's button still says what it was for.

use crate::{Error, Pool, Tx};
use dbdesk_commands::{
    id::{ButtonId, TicketId},
    wire::{
        button::{ButtonView, Form},
        ticket::TicketVerb,
    },
};
use sqlx::{MySql, QueryBuilder};

/// A button with what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// Its opaque id.
    pub id: ButtonId,
    /// Of which ticket.
    pub ticket: TicketId,
    /// Of which revision.
    pub revision: u32,
    /// What it does.
    pub verb: TicketVerb,
    /// What it asks first.
    pub form: Form,
}

/// Makes a revision's buttons.
pub async fn insert(tx: &mut Tx, buttons: &[Button]) -> Result<(), Error> {
    if buttons.is_empty() {
        return Ok(());
    }
    let mut query = QueryBuilder::<MySql>::new("INSERT INTO button (id, ticket_id, revision, verb, form) ");
    query.push_values(buttons, |mut row, button| {
        row.push_bind(&button.id.0)
            .push_bind(button.ticket.0)
            .push_bind(button.revision)
            .push_bind(button.verb.word())
            .push_bind(button.form.word());
    });
    query.build().execute(&mut **tx).await?;
    Ok(())
}

fn verb_and_form(verb: &str, form: &str) -> Result<(TicketVerb, Form), Error> {
    let strange = |word: &str| Error::strange(format!("a button has {word:?}"));
    Ok((
        TicketVerb::of_word(verb).ok_or_else(|| strange(verb))?,
        Form::of_word(form).ok_or_else(|| strange(form))?,
    ))
}

/// The button with this id.
pub async fn get(pool: &Pool, id: &ButtonId) -> Result<Option<Button>, Error> {
    let row: Option<(u64, u32, String, String)> =
        sqlx::query_as("SELECT ticket_id, revision, verb, form FROM button WHERE id = ?")
            .bind(&id.0)
            .fetch_optional(pool)
            .await?;
    row.map(|(ticket, revision, verb, form)| {
        let (verb, form) = verb_and_form(&verb, &form)?;
        Ok(Button { id: id.clone(), ticket: TicketId(ticket), revision, verb, form })
    })
    .transpose()
}

/// All buttons of one revision.
pub async fn of_revision(pool: &Pool, ticket: TicketId, revision: u32) -> Result<Vec<ButtonView>, Error> {
    let rows: Vec<(String, String, String)> =
        sqlx::query_as("SELECT id, verb, form FROM button WHERE ticket_id = ? AND revision = ?")
            .bind(ticket.0)
            .bind(revision)
            .fetch_all(pool)
            .await?;
    rows.into_iter()
        .map(|(id, verb, form)| {
            let (verb, form) = verb_and_form(&verb, &form)?;
            Ok(ButtonView { id: ButtonId(id), verb, form })
        })
        .collect()
}
