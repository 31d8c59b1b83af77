//! Tables `notice` and `notice_button`: what the desk says in chat that is no ticket, and how far chat shows it.

use crate::{Error, Pool, Tx};
use dbdesk_commands::{
    clock::Time,
    id::{ButtonId, NoticeId},
    lang::Lang,
    wire::notice::{NoticeBehind, NoticeButton, NoticeChannel, NoticeContent, NoticePlace, NoticeVerb},
};
use sqlx::{FromRow, MySql, QueryBuilder, mysql::MySqlExecutor};

/// Says something.
pub async fn insert(
    tx: &mut Tx,
    (channel, lang): (NoticeChannel, Lang),
    content: &NoticeContent,
    buttons: &[NoticeButton],
    at: Time,
) -> Result<NoticeId, Error> {
    let made = sqlx::query(
        "INSERT INTO notice (channel, lang, content, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(channel.word())
    .bind(lang.tag())
    .bind(written(content)?)
    .bind(at)
    .bind(at)
    .execute(&mut **tx)
    .await?;
    let id = NoticeId(made.last_insert_id());
    if !buttons.is_empty() {
        let mut query = QueryBuilder::<MySql>::new("INSERT INTO notice_button (button, notice_id, verb) ");
        query.push_values(buttons, |mut row, button| {
            row.push_bind(&button.id.0).push_bind(id.0).push_bind(button.verb.word());
        });
        query.build().execute(&mut **tx).await?;
    }
    Ok(id)
}

/// Makes it say something else.
pub async fn change(tx: &mut Tx, id: NoticeId, content: &NoticeContent, at: Time) -> Result<(), Error> {
    sqlx::query("UPDATE notice SET content = ?, version = version + 1, updated_at = ? WHERE id = ?")
        .bind(written(content)?)
        .bind(at)
        .bind(id.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Nothing can be done to it any more.
pub async fn settle(tx: &mut Tx, id: NoticeId, at: Time) -> Result<(), Error> {
    sqlx::query("UPDATE notice SET settled_at = ? WHERE id = ? AND settled_at IS NULL")
        .bind(at)
        .bind(id.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// What it says, locked.
pub async fn lock(tx: &mut Tx, id: NoticeId) -> Result<Option<NoticeContent>, Error> {
    let content: Option<String> = sqlx::query_scalar("SELECT content FROM notice WHERE id = ? FOR UPDATE")
        .bind(id.0)
        .fetch_optional(&mut **tx)
        .await?;
    content.map(|content| read(id, &content)).transpose()
}

/// Of which notice a button is, and what it does.
pub async fn button(
    from: impl MySqlExecutor<'_>,
    id: &ButtonId,
) -> Result<Option<(NoticeId, NoticeVerb)>, Error> {
    let row: Option<(u64, String)> =
        sqlx::query_as("SELECT notice_id, verb FROM notice_button WHERE button = ?")
            .bind(&id.0)
            .fetch_optional(from)
            .await?;
    row.map(|(notice, verb)| Ok((NoticeId(notice), verb_of(&verb)?))).transpose()
}

#[derive(FromRow)]
struct Row {
    id: u64,
    channel: String,
    lang: String,
    content: String,
    version: u64,
    told_version: u64,
    channel_id: Option<String>,
    message_id: Option<String>,
    is_settled: bool,
}

/// Those that chat does not show as they are, the oldest first.
pub async fn behind(pool: &Pool, most: u32) -> Result<Vec<NoticeBehind>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, channel, lang, content, version, told_version, channel_id, message_id, settled_at IS NOT NULL AS is_settled \
         FROM notice WHERE behind = 1 ORDER BY id LIMIT ?",
    )
    .bind(most)
    .fetch_all(pool)
    .await?;
    let open: Vec<u64> = rows.iter().filter(|row| !row.is_settled).map(|row| row.id).collect();
    let buttons = buttons_of(pool, &open).await?;
    rows.into_iter().map(|row| view(row, &buttons)).collect()
}

async fn buttons_of(pool: &Pool, notices: &[u64]) -> Result<Vec<(u64, NoticeButton)>, Error> {
    if notices.is_empty() {
        return Ok(Vec::new());
    }
    let mut query =
        QueryBuilder::<MySql>::new("SELECT notice_id, button, verb FROM notice_button WHERE notice_id IN (");
    let mut list = query.separated(", ");
    for id in notices {
        list.push_bind(id);
    }
    query.push(") ORDER BY notice_id, verb");
    let rows: Vec<(u64, String, String)> = query.build_query_as().fetch_all(pool).await?;
    rows.into_iter()
        .map(|(notice, id, verb)| Ok((notice, NoticeButton { id: ButtonId(id), verb: verb_of(&verb)? })))
        .collect()
}

fn view(row: Row, buttons: &[(u64, NoticeButton)]) -> Result<NoticeBehind, Error> {
    let id = NoticeId(row.id);
    let place = row.channel_id.zip(row.message_id);
    Ok(NoticeBehind {
        id,
        channel: NoticeChannel::of_word(&row.channel)
            .ok_or_else(|| Error::strange(format!("{id} is for the channel {:?}", row.channel)))?,
        lang: Lang::of_locale(&row.lang),
        version: row.version,
        content: read(id, &row.content)?,
        buttons: buttons.iter().filter(|(of, _)| *of == id.0).map(|(_, button)| button.clone()).collect(),
        place: place.map(|(channel_id, message_id)| NoticePlace {
            channel_id,
            message_id,
            told_version: row.told_version,
        }),
    })
}

/// Notes where it stands and which version of it; never one that was not there. Gives whether there is such a notice.
pub async fn put_place(pool: &Pool, id: NoticeId, place: &NoticePlace) -> Result<bool, Error> {
    let done = sqlx::query(
        "UPDATE notice SET channel_id = ?, message_id = ?, told_version = LEAST(GREATEST(told_version, ?), version) WHERE id = ?",
    )
    .bind(&place.channel_id)
    .bind(&place.message_id)
    .bind(place.told_version)
    .bind(id.0)
    .execute(pool)
    .await?;
    if done.rows_affected() == 1 {
        return Ok(true);
    }
    // Told again, nothing changes.
    let there: Option<u64> =
        sqlx::query_scalar("SELECT id FROM notice WHERE id = ?").bind(id.0).fetch_optional(pool).await?;
    Ok(there.is_some())
}

fn verb_of(word: &str) -> Result<NoticeVerb, Error> {
    NoticeVerb::of_word(word).ok_or_else(|| Error::strange(format!("a notice's button has {word:?}")))
}

fn written(content: &NoticeContent) -> Result<String, Error> {
    serde_json::to_string(content).map_err(|error| Error::Fault(error.into()))
}

fn read(id: NoticeId, content: &str) -> Result<NoticeContent, Error> {
    serde_json::from_str(content).map_err(|error| Error::strange(format!("{id} can not be read: {error}")))
}
