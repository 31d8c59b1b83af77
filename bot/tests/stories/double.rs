//! A small stand-in for `dbdesk serve`, for what the real one is not needed: what the bot does with its answers. The
//! stories with the real backend are in fixtures/e2e.

use crate::{
    desk::{Seen, World, groups, is_dba, person, review},
    rulebook,
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::State as Shared,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse as _, Response},
};
use dbdesk_commands::{
    id::{PersonId, TaskId, TicketId},
    lang::{Lang, Said},
    wire::{
        button::{ButtonAsk, ButtonPress, ButtonPressed, Form},
        card::{CardPlace, CardsBehind},
        entry::{Entry, Event, LogPage},
        group::GroupPage,
        link::LinkAsked,
        live::Progress,
        notice::{NoticeBehind, NoticesBehind},
        person::{Me, PersonView, Role},
        problem::{Code, Problem},
        review::ReviewRequest,
        ticket::{TicketAmend, TicketLine, TicketPage, TicketState, TicketVerb, TicketView},
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle};

/// The token of the bot.
pub const TOKEN: &str = "the-bots-own-token";

pub struct Double {
    pub address: SocketAddr,
    inner: Arc<Inner>,
    serving: JoinHandle<()>,
}

struct Inner {
    world: Mutex<World>,
    moved: Notify,
}

impl Drop for Double {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Double {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Arc::new(Inner { world: Mutex::default(), moved: Notify::new() });
        let app = Router::new().fallback(answer).with_state(Arc::clone(&inner));
        let app = app.layer(axum::extract::DefaultBodyLimit::max(32 << 20));
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { address, inner, serving }
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.inner.world.lock().unwrap()
    }

    /// Something happens to a ticket.
    pub fn happens(&self, ticket: TicketId, state: TicketState, event: Event) {
        self.world().happens(ticket.0, state, event);
        self.inner.moved.notify_waiters();
    }

    /// The same, of a task's doing.
    pub fn does(&self, ticket: TicketId, state: TicketState, task: TaskId, event: Event) {
        self.world().does(ticket.0, state, Some(task), event);
        self.inner.moved.notify_waiters();
    }

    /// Its work is so far.
    pub fn is_at(&self, ticket: TicketId, progress: Progress) {
        {
            let mut world = self.world();
            world.progress.insert(ticket.0, progress);
            world.told += 1;
        }
        self.inner.moved.notify_waiters();
    }

    /// A ticket of Ann's that runs, and whose card and thread tell everything.
    pub fn runs(&self, sql: &str, channel: u64, thread: &str) -> TicketId {
        let body = serde_json::json!({
            "service_group": "shop", "database": "shop", "sql": sql, "reason": "tidy", "when": "now",
        });
        let body = serde_json::from_value(body).unwrap();
        let mut world = self.world();
        world.submit(discord_sim::seed::ANN, Lang::En, body).unwrap();
        let (view, _) = world.tickets.values_mut().next_back().expect("a ticket");
        view.state = TicketState::Running;
        view.card = Some(CardPlace {
            channel_id: channel.to_string(),
            message_id: thread.to_owned(),
            thread_id: Some(thread.to_owned()),
            told_entry: view.last_entry,
        });
        view.id
    }

    /// The desk says something, or something else.
    pub fn notices(&self, notice: NoticeBehind) {
        let mut world = self.world();
        let place = world.notices.get(&notice.id.0).and_then(|before| before.place.clone());
        world.notices.insert(notice.id.0, NoticeBehind { place, ..notice });
        drop(world);
        self.inner.moved.notify_waiters();
    }

    /// The only ticket.
    pub fn ticket(&self) -> TicketView {
        let world = self.world();
        world.tickets.values().next_back().expect("a ticket").0.clone()
    }

    /// What came, as `POST /v1/tickets`.
    pub fn seen(&self, request: &str) -> Vec<Seen> {
        self.world().seen.iter().filter(|seen| seen.request == request).cloned().collect()
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> T {
    serde_json::from_slice(body).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(body)))
}

#[expect(clippy::unnecessary_wraps, reason = "it ends the arms of a match")]
fn ok(body: impl Serialize) -> Result<Value, (Code, Said)> {
    Ok(serde_json::to_value(body).unwrap())
}

async fn answer(
    Shared(inner): Shared<Arc<Inner>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let header = |name| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let path = uri.path().trim_start_matches("/v1/").to_owned();
    let path: Vec<String> = path.split('/').map(|part| part.replace("%20", " ")).collect();
    let query: HashMap<String, String> =
        url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let (acting, language, key) =
        (header("x-dbdesk-act-as"), header("accept-language"), header("idempotency-key"));
    let by: u64 = acting.trim_start_matches("discord:").parse().unwrap_or_default();
    let slow = {
        let mut world = inner.world.lock().unwrap();
        let request = format!("{method} {}", uri.path());
        world.seen.push(Seen { request, key: key.clone() });
        if world.down {
            return (StatusCode::SERVICE_UNAVAILABLE, "no upstream").into_response();
        }
        if by == 0 { Duration::ZERO } else { world.slow }
    };
    assert_eq!(header("authorization"), format!("Bearer {TOKEN}"));
    tokio::time::sleep(slow).await;
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    if path == ["live"] {
        let after = query.get("after").and_then(|n| n.parse().ok()).unwrap_or(0);
        return live(&inner, after, query.get("wait_s").and_then(|s| s.parse().ok()).unwrap_or(0)).await;
    }
    if path == ["notices", "behind"] {
        return notices_behind(&inner, query.get("wait_s").and_then(|s| s.parse().ok()).unwrap_or(0)).await;
    }
    if path == ["cards", "behind"] {
        return behind(&inner, query.get("wait_s").and_then(|s| s.parse().ok()).unwrap_or(0)).await;
    }
    let lang = Lang::of_locale(&language);
    let mut world = inner.world.lock().unwrap();
    if let Some(done) = world.done.get(&key) {
        return Json(done.clone()).into_response();
    }
    let outcome = handle(&mut world, &method, &path, &query, &body, by, lang);
    inner.moved.notify_waiters();
    match outcome {
        Ok(value) => {
            if !key.is_empty() {
                world.done.insert(key, value.clone());
            }
            Json(value).into_response()
        }
        Err((code, said)) => {
            let problem = Problem::new(code, &said, lang);
            (StatusCode::from_u16(problem.status).unwrap(), Json(problem)).into_response()
        }
    }
}

async fn behind(inner: &Inner, wait_s: u64) -> Response {
    let look = || inner.world.lock().unwrap().behind();
    let waited = tokio::time::timeout(Duration::from_secs(wait_s), async {
        loop {
            let moved = inner.moved.notified();
            let cards = look();
            if !cards.is_empty() {
                return cards;
            }
            moved.await;
        }
    });
    Json(CardsBehind { cards: waited.await.unwrap_or_default() }).into_response()
}

async fn notices_behind(inner: &Inner, wait_s: u64) -> Response {
    let waited = tokio::time::timeout(Duration::from_secs(wait_s), async {
        loop {
            let moved = inner.moved.notified();
            let notices = inner.world.lock().unwrap().notices_behind();
            if !notices.is_empty() {
                return notices;
            }
            moved.await;
        }
    });
    Json(NoticesBehind { notices: waited.await.unwrap_or_default() }).into_response()
}

async fn live(inner: &Inner, after: u64, wait_s: u64) -> Response {
    let waited = tokio::time::timeout(Duration::from_secs(wait_s), async {
        loop {
            let moved = inner.moved.notified();
            let page = inner.world.lock().unwrap().live();
            if page.cursor != after || wait_s == 0 {
                return page;
            }
            moved.await;
        }
    });
    let page = waited.await.unwrap_or_else(|_| inner.world.lock().unwrap().live());
    Json(page).into_response()
}

#[expect(clippy::too_many_lines, reason = "a route is an arm")]
fn handle(
    world: &mut World,
    method: &Method,
    path: &[&str],
    query: &HashMap<String, String>,
    body: &[u8],
    by: u64,
    lang: Lang,
) -> Result<Value, (Code, Said)> {
    let none = || (Code::NotFound, Said::fixed("There is no such thing.", "没有这个东西。"));
    let ask = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    match (method.as_str(), path) {
        ("GET", ["me"]) => {
            let roles = vec![if is_dba(by) { Role::Dba } else { Role::Developer }];
            ok(Me { person: person(by), roles, team: None })
        }
        ("POST", ["reviews"]) => ok(review(&read::<ReviewRequest>(body).sql, lang)),
        ("GET", ["service-groups"]) => {
            let groups = groups().into_iter().filter(|group| group.name.starts_with(ask("prefix"))).collect();
            ok(GroupPage { groups })
        }
        ("GET", ["service-groups", name]) => {
            ok(groups().into_iter().find(|group| group.name == *name).ok_or_else(none)?)
        }
        ("GET", ["rules"]) => Ok(rulebook::list(query, lang)),
        ("GET", ["rules", id]) => rulebook::show(id, query, lang),
        ("POST", ["tickets"]) => world.submit(by, lang, read(body)),
        ("GET", ["tickets"]) => {
            let line = |view: &TicketView| TicketLine {
                id: view.id,
                state: view.state,
                service_group: view.service_group.clone(),
                database: view.database.clone(),
                requester: view.requester.clone(),
                reason: view.reason.clone(),
                risk: view.risk,
                created_at: view.created_at,
                task: None,
                card: view.card.clone(),
            };
            let before: u64 = ask("before").parse().unwrap_or(u64::MAX);
            let mine = ask("which") == "mine";
            let views = world.tickets.values().rev().map(|(view, _)| view);
            let views = views.filter(|view| view.id.0 < before && (!mine || view.requester == person(by)));
            ok(TicketPage { tickets: views.map(line).collect(), next_before: None })
        }
        ("GET", ["tickets", id]) => {
            let mut view = world.tickets.get(&id.parse().unwrap()).ok_or_else(none)?.0.clone();
            view.review = review(&view.sql, lang);
            ok(view)
        }
        ("GET", ["tickets", id, "log"]) => {
            let after: u64 = ask("after").parse().unwrap();
            let log = &world.tickets.get(&id.parse().unwrap()).ok_or_else(none)?.1;
            let limit: usize = ask("limit").parse().unwrap();
            let mut entries: Vec<Entry> = log.iter().filter(|entry| entry.id.0 > after).cloned().collect();
            let more = entries.len() > limit;
            entries.truncate(limit);
            let cursor = entries.last().map_or(after, |entry| entry.id.0);
            ok(LogPage { entries, cursor, more })
        }
        ("GET", ["tasks", id, "log"]) => {
            ok(world.log(id.parse().unwrap(), ask("after_line").parse().unwrap()))
        }
        ("PUT", ["tickets", id, "card"]) => {
            if world.lose_places > 0 {
                world.lose_places -= 1;
                return Err((Code::StoreDown, Said::fixed("down", "down")));
            }
            let place: CardPlace = read(body);
            world.tickets.get_mut(&id.parse().unwrap()).ok_or_else(none)?.0.card = Some(place);
            Ok(Value::Null)
        }
        ("POST", ["tickets", id, verb]) => {
            let press = match *verb {
                "amend" => ButtonPress { sql: Some(read::<TicketAmend>(body).sql), ..ButtonPress::default() },
                _ => ButtonPress::default(),
            };
            world.act(by, id.parse().unwrap(), TicketVerb::of_word(verb).unwrap(), &press)
        }
        ("GET", ["buttons", id]) => {
            let (ticket, verb) = world.button(id).ok_or_else(none)?;
            World::may(by, verb)?;
            let view = &world.tickets[&ticket].0;
            ok(ButtonAsk {
                ticket: view.id,
                verb,
                form: Form::Sql,
                service_group: view.service_group.clone(),
                revision: view.revision,
                sql: Some(view.sql.clone()),
                when: Some(view.when.to_string()),
                confirm_s: None,
                limits: None,
            })
        }
        ("POST", ["buttons", id, "press"]) => {
            let (ticket, verb) = world.button(id).ok_or_else(|| {
                (
                    Code::UnknownButton,
                    Said::fixed("Look at the ticket's newest card.", "请看这个工单最新的卡片。"),
                )
            })?;
            world.act(by, ticket, verb, &read(body))?;
            ok(ButtonPressed { verb, ticket: world.tickets[&ticket].0.clone(), collected: None })
        }
        ("PUT", ["notices", id, "card"]) => {
            if world.lose_places > 0 {
                world.lose_places -= 1;
                return Err((Code::StoreDown, Said::fixed("down", "down")));
            }
            world.notices.get_mut(&id.parse().unwrap()).ok_or_else(none)?.place = Some(read(body));
            Ok(Value::Null)
        }
        ("POST", ["links"]) => {
            assert_eq!(by, 0, "the bot asks by itself");
            world.links.push(read(body));
            ok(LinkAsked { lapses_at: crate::desk::now() })
        }
        ("POST", ["notice-buttons", id, "press"]) => world.press_notice(by, id),
        ("DELETE", ["people", name, "link"]) => {
            ok(PersonView { id: PersonId(1), name: (*name).to_owned(), discord_id: None })
        }
        _ => panic!("the bot asked for {method} {path:?}"),
    }
}
