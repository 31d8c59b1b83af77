//! Choices while an option is typed. They come within two seconds or not at all.

mod parameters;
pub(super) mod parts;

use super::Desk;
use crate::{
    inbound::{Complete, Inbound},
    reply::limits::{CHOICE, CHOICES, cut},
    rest::RestError,
};
use chrono::{DateTime, Days, NaiveTime, TimeDelta, TimeZone as _, Timelike as _, Utc};
use chrono_tz::Tz;
use dbdesk_commands::{
    lang::{Lang, Said},
    verbs::{self, Completes, Takes, Verb},
    when::{When, may_become_time},
    wire::{
        account::{AccountPage, AccountView, ApplicationPage, ApplicationView},
        delegation::{DelegationPage, DelegationView},
        emergency::{EmergencyPage, EmergencyView},
        freeze::{ALL_GROUPS, FreezePage, FreezeView},
        group::{GroupPage, GroupView},
        queue::{TaskLine, TaskPage},
        rule::{RuleLine, RulePage},
        schedule::{SchedulePage, ScheduleView},
        ticket::TicketPage,
    },
};
use std::time::Duration;

/// Discord waits three seconds.
pub(super) const LIMIT: Duration = Duration::from_secs(2);

pub(super) type Choices = Vec<(String, String)>;

/// Offers what fits.
pub async fn offer(desk: &Desk, inbound: &Inbound, it: &Complete) -> Result<(), RestError> {
    let choices =
        tokio::time::timeout(LIMIT, choices(desk, inbound, it)).await.ok().flatten().unwrap_or_default();
    let fits = |(name, value): &(String, String)| {
        !name.is_empty() && !value.is_empty() && value.chars().count() <= CHOICE
    };
    let choices = choices.into_iter().filter(fits).take(CHOICES);
    desk.rest
        .offer(
            &inbound.handle,
            choices.map(|(name, value)| (cut(&name, CHOICE).into_owned(), value)).collect(),
        )
        .await
}

/// What an option of this command completes from: a name may be that of different things.
pub(super) fn completes(it: &Complete) -> Option<Completes> {
    let of = |verb: &&&Verb| verb.group == it.command && verb.name.unwrap_or_default() == it.verb;
    verbs::ALL.iter().filter(of).flat_map(|verb| verb.options).find_map(|opt| match opt.takes {
        Takes::Completed(completes) if opt.name == it.option => Some(completes),
        _ => None,
    })
}

#[expect(clippy::too_many_lines, reason = "an option is an arm")]
async fn choices(desk: &Desk, inbound: &Inbound, it: &Complete) -> Option<Choices> {
    let acting = inbound.asker.acting();
    let typed = it.typed.trim();
    match completes(it)? {
        Completes::ServiceGroup => {
            let page: GroupPage =
                desk.backend.get(&acting, &["service-groups"], &[("prefix", typed)], LIMIT).await.ok()?;
            let all = (it.command == "freeze" && it.verb == "on" && ALL_GROUPS.starts_with(typed))
                .then(|| every_group(inbound.asker.lang));
            let groups = page.groups.into_iter();
            let groups = groups.map(|group| (format!("{} · {}", group.name, group.environment), group.name));
            Some(all.into_iter().chain(groups).collect())
        }
        Completes::Account => {
            let digits = typed.trim_start_matches(['A', 'a', '-']);
            let query = [("which", "all"), ("prefix", digits), ("limit", "25")];
            let page: AccountPage = desk.backend.get(&acting, &["accounts"], &query, LIMIT).await.ok()?;
            let lang = inbound.asker.lang;
            let line = |it: AccountView| {
                let state = it.state.said();
                (
                    format!("{} · {} · {} · {}", it.id, it.user, it.service_group, state.in_lang(lang)),
                    it.id.to_string(),
                )
            };
            Some(page.accounts.into_iter().map(line).collect())
        }
        Completes::Application => {
            let page: ApplicationPage =
                desk.backend.get(&acting, &["applications"], &[("prefix", typed)], LIMIT).await.ok()?;
            let line = |it: ApplicationView| (format!("{} · {}", it.name, it.hosts.join(", ")), it.name);
            let known: Choices = page.applications.into_iter().map(line).collect();
            let own = (!typed.is_empty()).then(|| (typed.to_owned(), typed.to_owned()));
            Some(known.into_iter().chain(own).collect())
        }
        Completes::Freeze => {
            let page: FreezePage = desk.backend.get(&acting, &["freezes"], &[], LIMIT).await.ok()?;
            let line = |it: FreezeView| {
                (format!("{} · {} · {}", it.id, it.service_group, it.reason), it.id.to_string())
            };
            Some(fitting(page.freezes.into_iter().map(line), typed))
        }
        Completes::Emergency => {
            let page: EmergencyPage = desk.backend.get(&acting, &["emergencies"], &[], LIMIT).await.ok()?;
            // One that is on is ended, one that has ended is reviewed.
            let fits = |one: &EmergencyView| (it.verb == "review") == one.ended_at.is_some();
            let line = |one: EmergencyView| {
                (format!("{} · {} · {}", one.id, one.service_group, one.person.name), one.id.to_string())
            };
            Some(fitting(page.emergencies.into_iter().filter(fits).map(line), typed))
        }
        Completes::Delegation => {
            let page: DelegationPage = desk.backend.get(&acting, &["delegations"], &[], LIMIT).await.ok()?;
            let line = |one: DelegationView| {
                let until = one.until.format("%Y-%m-%d");
                (format!("{} · {} → {} · {until}", one.id, one.person.name, one.to.name), one.id.to_string())
            };
            Some(fitting(page.delegations.into_iter().map(line), typed))
        }
        Completes::Schedule => {
            let page: SchedulePage =
                desk.backend.get(&acting, &["schedules"], &[("which", "all")], LIMIT).await.ok()?;
            let line = |it: ScheduleView| {
                (format!("{} · {} · {} · {}", it.id, it.name, it.service_group, it.cron), it.id.to_string())
            };
            Some(fitting(page.schedules.into_iter().map(line), typed))
        }
        Completes::Script => parameters::scripts(desk, inbound, typed).await,
        Completes::Parameters => parameters::offer(desk, inbound, it).await,
        Completes::Server
        | Completes::Replica
        | Completes::Proxy
        | Completes::Vip
        | Completes::VipHost
        | Completes::Name => parts::offer(desk, inbound, it).await,
        Completes::Host => parts::hosts(desk, inbound, typed).await,
        Completes::Options => parts::options(desk, inbound, it).await,
        Completes::Database => {
            let group = group(desk, inbound, it).await?;
            let typed = typed.to_lowercase();
            let fitting = group.databases.into_iter().filter(|name| name.to_lowercase().contains(&typed));
            Some(fitting.map(|name| (name.clone(), name)).collect())
        }
        Completes::Rule => {
            let query = [("q", typed), ("limit", "25")];
            let page: RulePage = desk.backend.get(&acting, &["rules"], &query, LIMIT).await.ok()?;
            let line = |rule: RuleLine| (format!("{} · {}", rule.id, rule.title.replace('`', "")), rule.id);
            Some(page.rules.into_iter().map(line).collect())
        }
        Completes::Ticket => {
            // Everybody's ticket can be shown; amended or taken back only one's own.
            let which = match it.verb.as_str() {
                "show" => "all",
                "prioritise" | "throttle" | "cut-over" => "open",
                _ => "mine",
            };
            let query = [("which", which), ("prefix", typed), ("limit", "25")];
            let page: TicketPage = desk.backend.get(&acting, &["tickets"], &query, LIMIT).await.ok()?;
            let lang = inbound.asker.lang;
            let line = |t: dbdesk_commands::wire::ticket::TicketLine| {
                (format!("{} · {} · {}", t.id, t.state.said().in_lang(lang), t.reason), t.id.to_string())
            };
            Some(page.tickets.into_iter().map(line).collect())
        }
        Completes::Task => {
            let query = [("which", "all"), ("limit", "50")];
            let page: TaskPage = desk.backend.get(&acting, &["tasks"], &query, LIMIT).await.ok()?;
            let lang = inbound.asker.lang;
            let digits = typed.trim_start_matches(['K', 'k', '-']);
            let fitting =
                page.tasks.into_iter().filter(|line| line.task.id.0.to_string().starts_with(digits));
            let named = |TaskLine { task, service_group, .. }: TaskLine| {
                let name = format!(
                    "{} · {} · {} · {service_group}",
                    task.id,
                    task.state.said().in_lang(lang),
                    task.ticket
                );
                (name, task.id.to_string())
            };
            Some(fitting.map(named).collect())
        }
        Completes::When => {
            let zone = group(desk, inbound, it).await.and_then(|group| group.time_zone.parse().ok());
            Some(times(typed, zone, desk.clock.now(), inbound.asker.lang))
        }
    }
}

fn every_group(lang: Lang) -> (String, String) {
    let label = Said::fixed("all (every service group)", "all（所有服务组）");
    (label.in_lang(lang).to_owned(), ALL_GROUPS.to_owned())
}

/// Those whose label has what is typed.
fn fitting(all: impl Iterator<Item = (String, String)>, typed: &str) -> Choices {
    let typed = typed.to_lowercase();
    all.filter(|(label, _)| label.to_lowercase().contains(&typed)).collect()
}

pub(super) async fn group(desk: &Desk, inbound: &Inbound, it: &Complete) -> Option<GroupView> {
    let name = Some(it.group.trim()).filter(|name| !name.is_empty())?;
    desk.backend.get(&inbound.asker.acting(), &["service-groups", name], &[], LIMIT).await.ok()
}

/// `now`, `quiet`; where the group's zone is known the next full hour and 02:00 of the next nights; and what was typed.
#[must_use]
pub fn times(typed: &str, zone: Option<Tz>, now: DateTime<Utc>, lang: Lang) -> Choices {
    let mut choices: Choices = vec![
        (Said::fixed("now", "now（立即）").in_lang(lang).to_owned(), "now".to_owned()),
        (
            Said::fixed("quiet (the next quiet window)", "quiet（下一个低峰期）").in_lang(lang).to_owned(),
            "quiet".to_owned(),
        ),
    ];
    if let Some(zone) = zone {
        choices.extend(near_by(zone, now).into_iter().map(|text| (format!("{text} ({zone})"), text)));
    }
    let typed_lower = typed.to_lowercase();
    let mut fitting: Choices =
        choices.into_iter().filter(|(name, _)| name.to_lowercase().contains(&typed_lower)).collect();
    // A text that nobody understands is no choice; a date that is being typed may become one.
    let understood = When::parse(typed, zone.unwrap_or(Tz::UTC), now).is_ok();
    let partial = typed.len() < "2026-11-23 02:00".len() && may_become_time(typed);
    if !typed.is_empty() && (understood || partial) && !fitting.iter().any(|(_, value)| value == typed) {
        fitting.insert(0, (typed.to_owned(), typed.to_owned()));
    }
    fitting
}

fn near_by(zone: Tz, now: DateTime<Utc>) -> Vec<String> {
    let here = now.with_timezone(&zone);
    let next_hour = (here + TimeDelta::hours(1)).with_minute(0);
    let night = NaiveTime::from_hms_opt(2, 0, 0);
    let nights = (0..3).filter_map(|days| {
        let day = here.date_naive().checked_add_days(Days::new(days))?;
        zone.from_local_datetime(&day.and_time(night?)).single().filter(|at| *at > here)
    });
    next_hour.into_iter().chain(nights).map(|at| at.format("%Y-%m-%d %H:%M").to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_near_by_are_in_the_zone_of_the_service_group() {
        let now = Utc.with_ymd_and_hms(2026, 11, 22, 18, 20, 0).unwrap();
        let values = |typed: &str| -> Vec<String> {
            times(typed, Some(chrono_tz::Asia::Shanghai), now, Lang::En)
                .into_iter()
                .map(|(_, value)| value)
                .collect()
        };
        assert_eq!(values(""), ["now", "quiet", "2026-11-23 03:00", "2026-11-24 02:00", "2026-11-25 02:00"]);
        assert_eq!(values("qui"), ["quiet"]);
        assert_eq!(values("2026-12-0"), ["2026-12-0"]);
        assert_eq!(values("2026-12-01T01:30:00Z"), ["2026-12-01T01:30:00Z"]);
        assert!(values("yesterday").is_empty() && values("2020-01-01 02:00").is_empty());
        assert_eq!(values("2026-12-01 01:30"), ["2026-12-01 01:30"]);
    }
}
