//! How a person stands to a ticket: read from the store at each request, never from what the request says.

use super::{Caller, Failure, Reader, refuse};
use crate::desk::Desk;
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::{clock::Time, wire::person::Role};
use dbdesk_store::{
    approval::{self, StepRow},
    delegation, emergency,
    person::{self, Person},
    revision, service_group,
    sight::{AskedAs, Sight},
    ticket::TicketRow,
};
use dbdesk_ticket::{
    approval::{Approver, Step},
    authority::{self, Standing},
    people::Groups,
    rule::one_dba,
};
use std::num::NonZeroU8;

/// A person beside a ticket.
pub(super) struct Known {
    pub(super) standing: Standing,
    /// The steps of its approval.
    pub(super) steps: Vec<Step>,
    /// Those for whom he stands in now.
    stands_in_for: Vec<Person>,
}

impl Known {
    /// As one who would approve it.
    pub(super) fn approver<'a>(
        &self,
        groups: &'a Groups,
        group: &ServiceGroup,
        who: &Person,
    ) -> Approver<'a> {
        let dbas = group.dbas.as_deref();
        let of = |person: &Person| groups.beside(dbas, &person.member());
        Approver {
            id: who.id,
            groups: of(who),
            stands_in_for: self.stands_in_for.iter().map(|person| (person.id, of(person))).collect(),
        }
    }
}

/// How this person stands to it at `now`.
pub(super) async fn known(
    desk: &Desk,
    who: &Person,
    row: &TicketRow,
    group: &ServiceGroup,
    now: Time,
) -> Result<Known, Failure> {
    let store = &desk.store;
    let groups = &desk.config.policy.approvers;
    let dbas = group.dbas.as_deref();
    let is_dba = groups.is_dba(dbas, &who.member());
    let steps = steps_of(&approval::steps(store, (row.id, row.now.revision)).await?);
    let stands_in_for = stands_in_for(desk, who, now).await?;
    let asks = |person: &Person| {
        let names = groups.beside(dbas, &person.member());
        steps.iter().any(|step| names.contains(step.from.as_str()))
    };
    let others = stands_in_for.iter().filter(|person| person.id != row.requester);
    let standing = Standing {
        person: who.id,
        is_dba,
        is_asked: asks(who) || others.into_iter().any(asks),
        is_of_team: row.team.is_some() && row.team == who.team,
        in_emergency: is_dba
            && emergency::on(store, (row.group, who.id), now).await?.is_some()
            && revision::spread(store, row.id, row.now.revision).await?.is_none(),
    };
    Ok(Known { standing, steps, stands_in_for })
}

/// The steps of a revision; one DBA where it was filed before there were any.
pub(super) fn steps_of(rows: &[StepRow]) -> Vec<Step> {
    if rows.is_empty() {
        return vec![one_dba()];
    }
    let step = |row: &StepRow| Step {
        from: row.approvers.clone(),
        needs: NonZeroU8::new(row.needs).unwrap_or(NonZeroU8::MAX),
    };
    rows.iter().map(step).collect()
}

/// Those for whom he stands in at `now`, each with the roles only that he has himself: nobody becomes a DBA by standing in for one.
async fn stands_in_for(desk: &Desk, who: &Person, now: Time) -> Result<Vec<Person>, Failure> {
    let away = delegation::standing_in(&desk.store, who.id, now).await?;
    let mut people = person::by_ids(&desk.store, &away).await?;
    // Who may nothing any more lends nothing.
    people.retain(|person| !person.roles.is_empty());
    for person in &mut people {
        person.roles.retain(|role| who.roles.contains(role));
    }
    Ok(people)
}

/// The ticket's group, for one who sees the ticket; to others it is not there.
pub(super) async fn seen(desk: &Desk, reader: &Reader, row: &TicketRow) -> Result<(), Failure> {
    let Some(caller) = &reader.person else { return Ok(()) };
    if sees(desk, &caller.person, row).await? { Ok(()) } else { Err(refuse::no_ticket(row.id).into()) }
}

/// Whether the ticket is there for this person, as he is now.
pub(super) async fn sees(desk: &Desk, who: &Person, row: &TicketRow) -> Result<bool, Failure> {
    // Most read what is their own or their team's.
    if row.requester == who.id || (row.team.is_some() && row.team == who.team) {
        return Ok(true);
    }
    let group = service_group::by_id(&desk.store, row.group).await?;
    let group =
        group.ok_or_else(|| anyhow::anyhow!("the service group {} of {} is gone", row.group, row.id))?;
    let known = known(desk, who, row, &group.group, desk.clock.now()).await?;
    Ok(authority::sees(known.standing, row.requester))
}

/// What a person sees, for lists.
pub(super) async fn sight(desk: &Desk, caller: &Caller) -> Result<Sight, Failure> {
    let groups = &desk.config.policy.approvers;
    let asked = |person: &Person, himself: bool| AskedAs {
        person: person.id,
        himself,
        is_dba: person.roles.contains(&Role::Dba),
        groups: groups.of(&person.member()).into_iter().map(str::to_owned).collect(),
    };
    let others = stands_in_for(desk, &caller.person, desk.clock.now()).await?;
    let mut all = vec![asked(&caller.person, true)];
    all.extend(others.iter().map(|person| asked(person, false)));
    Ok(Sight { person: caller.person.id, team: caller.person.team.clone(), asked: all })
}

/// The same for a reader; nothing where the bot reads for itself, which sees all.
pub(super) async fn sight_of(desk: &Desk, reader: &Reader) -> Result<Option<Sight>, Failure> {
    match &reader.person {
        Some(caller) => Ok(Some(sight(desk, caller).await?)),
        None => Ok(None),
    }
}
