//! The password that a ticket made is handed over: once, to the one who asked for it, within some hours.

use super::{Caller, Failure, Once, asking::dialect, step};
use crate::desk::Desk;
use chrono::TimeDelta;
use dbdesk_account::{Password, ask::Ask};
use dbdesk_commands::{
    clock::Time,
    id::TicketId,
    lang::said,
    wire::{
        account::Collected,
        entry::Event,
        problem::{Code, Refusal},
        ticket::{TicketVerb, TicketView},
    },
};
use dbdesk_executor::run::secret_place;
use dbdesk_store::{
    account_secret::{self, Kind, SecretRow},
    revision,
    ticket::{TicketChange, TicketRow},
};
use dbdesk_ticket::machine::Move;
use dbdesk_undo::sealed::open_secret;
use sqlx::mysql::MySqlExecutor;

/// Hands it over. What is answered is kept nowhere: who does not get it asks for another with `/account rotate`.
pub async fn collect(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: TicketId,
) -> Result<(TicketView, Collected), Failure> {
    let mut step = step::open(desk, caller, once, id, TicketVerb::Collect).await?;
    let state = step.next(Move::Collect).await?;
    let ask = asked(&mut *step.tx, &step.row).await?.ok_or_else(|| nothing(id))?;
    let (account, generation) = ask.account().zip(ask.makes()).ok_or_else(|| nothing(id))?;
    let of = (account.id, generation);
    let secret = account_secret::lock(&mut step.tx, of).await?.filter(|secret| secret.kind == Kind::Password);
    let secret = secret.ok_or_else(|| nothing(id))?;
    if secret.handed_at.is_some() {
        return Err(handed_over(id).into());
    }
    let sealed =
        secret.sealed.as_ref().filter(|_| waits(desk, &secret, step.now)).ok_or_else(|| lapsed(id))?;
    let keys = desk.config.backup.keys().map_err(anyhow::Error::msg)?;
    let key = keys
        .named(&secret.key_name)
        .ok_or_else(|| anyhow::anyhow!("the key {} is not here", secret.key_name))?;
    let opened = open_secret(sealed, key, &secret_place(of.0, of.1)).map_err(anyhow::Error::from)?;
    let password =
        Password::of_kept(&opened).ok_or_else(|| anyhow::anyhow!("what is kept of {id} is no password"))?;
    let names = account.names(generation, dialect(&step.group)?).map_err(|said| anyhow::anyhow!(said.en))?;
    let collected = Collected {
        account: account.id,
        user: names.first().map(|name| name.user.clone()).unwrap_or_default(),
        database: step.row.database.clone(),
        host: step.group.primary().map(|primary| primary.host.clone()).unwrap_or_default(),
        port: step.group.primary().map(|primary| primary.port).unwrap_or_default(),
        password: password.reveal().to_owned(),
    };
    account_secret::handed_over(&mut step.tx, of, caller.person.id, step.now).await?;
    let change = TicketChange { state, ..step.row.now.clone() };
    step.save(caller, change, None, &Event::PasswordCollected { by: caller.actor() }).await?;
    let view = step.close(desk, caller).await?;
    Ok((view, collected))
}

/// What a ticket asks for, where that is no SQL.
pub(super) async fn asked(from: impl MySqlExecutor<'_>, row: &TicketRow) -> Result<Option<Ask>, Failure> {
    let revision = revision::sql(from, row.id, row.now.revision).await?;
    let request = revision.and_then(|sql| sql.request);
    Ok(request.map(|request| serde_json::from_str(&request)).transpose().map_err(anyhow::Error::from)?)
}

/// Whether it can be handed over now.
pub(super) fn waits(desk: &Desk, secret: &SecretRow, now: Time) -> bool {
    let lasts = TimeDelta::hours(i64::from(desk.config.account.hand_over_hours));
    secret.kind == Kind::Password
        && secret.sealed.is_some()
        && secret.handed_at.is_none()
        && secret.made_at.is_some_and(|made| now < made + lasts)
}

fn nothing(id: TicketId) -> Refusal {
    Refusal::new(
        Code::WrongState,
        said!("{id} has made no password that could be handed over.", "{id} 没有可以领取的密码。"),
    )
}

fn handed_over(id: TicketId) -> Refusal {
    Refusal::new(
        Code::WrongState,
        said!(
            "The password of {id} was handed over already, and that is done once. If it did not reach you, ask for another with `/account \
             rotate`.",
            "{id} 的密码已经领取过，只能领取一次。如果没有收到，请用 `/account rotate` 更换密码。"
        ),
    )
}

fn lapsed(id: TicketId) -> Refusal {
    Refusal::new(
        Code::WrongState,
        said!(
            "The password of {id} was not fetched in time and is kept no more. Ask for another with `/account rotate`.",
            "{id} 的密码未在有效期内领取，已不再保留。请用 `/account rotate` 更换密码。"
        ),
    )
}
