//! Which tickets a person sees, as a condition: his own, his team's, those of the service groups whose DBA he is, and those whose approval
//! asks him. What is allowed is decided by [`dbdesk_ticket::authority::sees`]; a test holds both together.

use dbdesk_commands::id::PersonId;
use dbdesk_ticket::people::DBA;
use sqlx::{MySql, QueryBuilder};

/// What a person sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// Who.
    pub person: PersonId,
    /// His team.
    pub team: Option<String>,
    /// As what he is asked: as himself first, then as each for whom he stands in.
    pub asked: Vec<AskedAs>,
}

/// Groups that are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedAs {
    /// Who: himself, or the one for whom he stands in.
    pub person: PersonId,
    /// As himself: he also sees what he is a DBA for, whoever is asked.
    pub himself: bool,
    /// With the role of a DBA.
    pub is_dba: bool,
    /// The groups of approvers that he belongs to.
    pub groups: Vec<String>,
}

impl Sight {
    /// Adds the condition on the ticket with this alias; other conditions stand before it.
    pub fn push(&self, query: &mut QueryBuilder<MySql>, ticket: &'static str) {
        query.push(" AND (").push(ticket).push(".requester_id = ").push_bind(self.person.0);
        if let Some(team) = &self.team {
            query.push(" OR ").push(ticket).push(".team = ").push_bind(team.clone());
        }
        for asked in &self.asked {
            if asked.himself && asked.is_dba {
                query.push(" OR ");
                asked.push_his_groups(query, ticket);
            }
            asked.push_steps(query, ticket);
        }
        query.push(")");
    }
}

impl Sight {
    /// The same of what has an `owner_id` and a `service_group_id` and asks nobody.
    pub fn push_owned(&self, query: &mut QueryBuilder<MySql>, table: &'static str) {
        self.push_of(query, table, "owner_id IN (SELECT id FROM person WHERE team = ");
    }

    /// The same of what also has a `team` of its own: it stays that team's when its owner goes to another.
    pub fn push_given(&self, query: &mut QueryBuilder<MySql>, table: &'static str) {
        self.push_of(query, table, "(team = ");
    }

    fn push_of(&self, query: &mut QueryBuilder<MySql>, table: &'static str, of_team: &'static str) {
        query.push(" AND (owner_id = ").push_bind(self.person.0);
        if let Some(team) = &self.team {
            query.push(" OR ").push(of_team).push_bind(team.clone()).push(")");
        }
        for asked in self.asked.iter().filter(|asked| asked.himself && asked.is_dba) {
            query.push(" OR ");
            asked.push_his_groups(query, table);
        }
        query.push(")");
    }
}

impl AskedAs {
    /// The ticket is of a service group whose DBA this is.
    fn push_his_groups(&self, query: &mut QueryBuilder<MySql>, ticket: &'static str) {
        query.push(ticket).push(".service_group_id IN (SELECT id FROM service_group WHERE dbas IS NULL");
        if !self.groups.is_empty() {
            query.push(" OR dbas IN (");
            self.push_names(query);
        }
        query.push(")");
    }

    /// A step of the ticket asks him.
    fn push_steps(&self, query: &mut QueryBuilder<MySql>, ticket: &'static str) {
        if !self.groups.is_empty() {
            query.push(" OR (").push(ticket).push(".requester_id <> ").push_bind(self.person.0);
            query
                .push(" AND ")
                .push(ticket)
                .push(".id IN (SELECT s.ticket_id FROM ticket_step s WHERE s.revision = ");
            query.push(ticket).push(".revision AND s.approvers IN (");
            self.push_names(query);
            query.push("))");
        }
        if self.is_dba && !self.himself {
            query.push(" OR (").push(ticket).push(".requester_id <> ").push_bind(self.person.0).push(" AND ");
            self.push_his_groups(query, ticket);
            query
                .push(" AND ")
                .push(ticket)
                .push(".id IN (SELECT s.ticket_id FROM ticket_step s WHERE s.revision = ");
            query.push(ticket).push(".revision AND s.approvers = ").push_bind(DBA).push("))");
        }
    }

    fn push_names(&self, query: &mut QueryBuilder<MySql>) {
        let mut list = query.separated(", ");
        for name in &self.groups {
            list.push_bind(name.clone());
        }
        query.push(")");
    }
}
