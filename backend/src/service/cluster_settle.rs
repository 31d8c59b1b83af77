//! What becomes of clusters that were asked for, once their ticket has ended: one that is not built is let go, so that its name and addresses are free
//! again; for one that is, the first account is asked for in the requester's name. Done by control; whoever stops half-way, or is told twice, does
//! it once.

use super::{Failure, account_request, building};
use crate::desk::Desk;
use dbdesk_commands::{
    clock::Time,
    id::TicketId,
    lang::{Said, said},
    wire::{cluster::BuildAccount, entry::Event, person::Actor, ticket::TicketState},
};
use dbdesk_store::{
    Tx, begin,
    cluster_build::{self, BuildRow},
    entry, person, service_group,
    ticket::{self, TicketRow},
};

/// Most that one round sees to.
const BATCH: u32 = 50;

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    LetGo,
    Account,
}

/// Sees to all that is due; gives how many there were.
pub async fn settle(desk: &Desk) -> Result<usize, Failure> {
    let mut seen_to = 0;
    for row in cluster_build::waiting(&desk.store, BATCH).await? {
        match one(desk, &row).await {
            Ok(()) => seen_to += 1,
            Err(error) if error.may_pass() => return Err(error),
            Err(error) => {
                tracing::error!(group = %row.group, ticket = %row.ticket, ?error, "a cluster that was asked for can not be seen to; it is tried again");
            }
        }
    }
    Ok(seen_to)
}

/// What is due of one.
fn due(row: &BuildRow) -> Option<Due> {
    use TicketState as S;
    if row.taken_back {
        return Some(Due::LetGo);
    }
    match row.state {
        S::Rejected | S::Withdrawn => Some(Due::LetGo),
        S::Cancelled | S::Failed if !row.began => Some(Due::LetGo),
        S::Done if row.account.is_some() => Some(Due::Account),
        _ => None,
    }
}

async fn one(desk: &Desk, seen: &BuildRow) -> Result<(), Failure> {
    let now = desk.clock.now();
    let mut tx = begin(&desk.store).await?;
    // Its ticket first: who decides on that at this moment is waited for.
    let Some(build) = ticket::lock(&mut tx, seen.ticket).await? else { return Ok(()) };
    let Some(row) = cluster_build::lock(&mut tx, seen.group).await? else { return Ok(()) };
    match due(&row) {
        Some(Due::LetGo) => {
            if service_group::let_go(&mut tx, row.group, row.ticket, now).await? {
                tracing::info!(group = %row.group, ticket = %row.ticket, "a cluster that was asked for is not built; its name is free again");
            }
            cluster_build::account_asked(&mut tx, row.group).await?;
            Ok(desk.commit(tx).await?)
        }
        Some(Due::Account) => account(desk, tx, (&build, &row), now).await,
        None => Ok(()),
    }
}

/// Asks for the account, or says in the ticket's thread why not.
async fn account(
    desk: &Desk,
    mut tx: Tx,
    (build, row): (&TicketRow, &BuildRow),
    now: Time,
) -> Result<(), Failure> {
    let asked: BuildAccount = serde_json::from_str(row.account.as_deref().unwrap_or_default())
        .map_err(|error| anyhow::anyhow!("the account of {}: {error}", row.ticket))?;
    let person = person::by_id(&desk.store, build.requester).await?;
    let group = service_group::by_id(&desk.store, row.group).await?;
    let filed = match (person.filter(|person| !person.roles.is_empty()), group) {
        (Some(person), Some(group)) => {
            let body = building::account_body(desk, &asked, &group.group, build.lang);
            account_request::file_for(desk, &mut tx, (&person, build.lang), &group, body, now).await
        }
        _ => Err(Failure::Refused(gone())),
    };
    let (event, filed) = match filed {
        Ok(filed) => (Event::AccountAsked { ticket: filed.id }, Some(filed)),
        Err(Failure::Refused(refusal)) => {
            // What was written before it was refused is not kept.
            drop(tx);
            tx = begin(&desk.store).await?;
            let Some(_) = ticket::lock(&mut tx, row.ticket).await? else { return Ok(()) };
            if cluster_build::lock(&mut tx, row.group).await?.as_ref() != Some(row) {
                return Ok(());
            }
            (Event::AccountNotAsked { why: refusal.said }, None)
        }
        Err(other) => return Err(other),
    };
    entry::append(&mut tx, build, None, &Actor::Desk, now, &event, None).await?;
    cluster_build::account_asked(&mut tx, row.group).await?;
    desk.commit(tx).await?;
    if let Some(filed) = &filed {
        desk.offer(filed, now).await;
        desk.changed(filed.id);
    }
    told(desk, row.ticket);
    Ok(())
}

fn told(desk: &Desk, ticket: TicketId) {
    desk.changed(ticket);
}

fn gone() -> dbdesk_commands::wire::problem::Refusal {
    let said: Said = said!("The one who asked for it is not at the desk any more.", "申请人已不在工单台。");
    dbdesk_commands::wire::problem::Refusal::new(dbdesk_commands::wire::problem::Code::NotFound, said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dbdesk_cmdb::GroupId;

    #[test]
    fn a_group_is_let_go_only_where_nothing_of_it_is_left() {
        use TicketState as S;
        let due_of = |state, began, taken_back, wants: bool| {
            let account = wants.then(|| "{}".to_owned());
            due(&BuildRow { group: GroupId(1), ticket: TicketId(1), state, began, taken_back, account })
        };
        for state in [S::Rejected, S::Withdrawn] {
            assert_eq!(due_of(state, false, false, true), Some(Due::LetGo), "{state:?}");
        }
        for state in [S::Cancelled, S::Failed] {
            assert_eq!(due_of(state, false, false, true), Some(Due::LetGo), "{state:?}");
            assert_eq!(due_of(state, true, false, true), None, "servers may be there: {state:?}");
            assert_eq!(due_of(state, true, true, true), Some(Due::LetGo), "{state:?}");
        }
        for state in [S::AwaitingApproval, S::Scheduled, S::Running, S::Paused, S::Held, S::Lost] {
            assert_eq!(due_of(state, true, false, true), None, "{state:?}");
        }
        assert_eq!(due_of(S::Done, true, false, true), Some(Due::Account));
        assert_eq!(due_of(S::Done, true, false, false), None);
        assert_eq!(due_of(S::Done, true, true, true), Some(Due::LetGo), "it was taken back");
    }
}
