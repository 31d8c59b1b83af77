//! `dbdesk migrate`: makes or changes the tables of our own database, then puts the people of the configuration there.

use super::machine;
use crate::config::Config;
use anyhow::{Context as _, Result, bail};
use dbdesk_commands::{
    clock::Time,
    wire::audit::{SubjectKind, What},
};
use dbdesk_store::{
    Pool,
    audit::{Decision, Origin},
    begin_as, commit,
    migrate::{self, Fit},
    person::{self, Put, Seed},
};
use serde_json::json;

/// Does it, and says what it did.
pub async fn run(config: Config) -> Result<()> {
    let store = dbdesk_store::pool(&config.store.connect());
    let before = migrate::fit(&store).await.with_context(|| unreachable(&config))?;
    if let Fit::Newer { .. } | Fit::Dirty { .. } = before {
        bail!("{}", sentence(before));
    }
    migrate::run(&store).await.context("the tables could not be made; nothing else was done")?;
    let seeded = seed(&store, &config, machine::shell(), machine::clock().now()).await?;
    let changed = seeded.changed;
    let tables = if before == Fit::Fits { "are as they should be" } else { "were made or changed" };
    println!("The tables {tables}; {changed} of {} people were added or changed.", config.person.len());
    if let Some(fault) = seeded.fault() {
        bail!("{fault}");
    }
    Ok(())
}

/// Refuses to work with tables that do not fit this program.
pub(super) async fn must_fit(store: &Pool, config: &Config) -> Result<()> {
    match migrate::fit(store).await.with_context(|| unreachable(config))? {
        Fit::Fits => Ok(()),
        other => bail!("{}", sentence(other)),
    }
}

fn unreachable(config: &Config) -> String {
    format!(
        "dbdesk's own database at {:?} can not be asked; check [store] in the configuration, then `dbdesk doctor`",
        config.store.connect()
    )
}

fn sentence(fit: Fit) -> String {
    match fit {
        Fit::Fits => "the tables fit".to_owned(),
        Fit::Empty => "dbdesk's own database has no tables yet; run `dbdesk migrate`".to_owned(),
        Fit::Older { found, wanted } => format!(
            "dbdesk's own tables are at migration {found}, this program needs {wanted}; run `dbdesk migrate`"
        ),
        Fit::Newer { found, wanted } => format!(
            "dbdesk's own tables are at migration {found}, this program knows only {wanted}: it is too old; install the newer dbdesk"
        ),
        Fit::Dirty { found } => format!(
            "migration {found} of dbdesk's own tables stopped half way; look at what it did, mend it by hand, and delete its row from \
             `_sqlx_migrations` before `dbdesk migrate` is run again"
        ),
    }
}

/// What came of it.
pub(super) struct Seeded {
    /// How many were added or changed.
    changed: usize,
    /// Who is another Discord user in the store than the configuration says.
    others: Vec<String>,
}

impl Seeded {
    /// What is wrong with it, where something is.
    pub(super) fn fault(&self) -> Option<String> {
        let names = self.others.join(", ");
        (!names.is_empty()).then(|| {
            format!(
                "the configuration gives these people another discord_id than they are linked to, or one that is linked to somebody \
                 else: {names}. The link was left as it is; mend [[person]] discord_id, or unlink them first (`dbdesk person unlink`)"
            )
        })
    }
}

/// Puts the people of the configuration into the store.
pub(super) async fn seed(store: &Pool, config: &Config, origin: Origin, at: Time) -> Result<Seeded> {
    let mut tx = begin_as(store, origin).await?;
    let (mut changed, mut others) = (0, Vec::new());
    for one in &config.person {
        let seed = Seed {
            name: one.name.clone(),
            discord_id: one.discord_id.clone(),
            team: one.team.clone(),
            roles: one.roles.clone(),
        };
        let put = person::put(&mut tx, &seed, at)
            .await
            .with_context(|| format!("[[person]] {:?} can not be kept", one.name))?;
        match put {
            Put::Kept => {}
            Put::Changed => {
                changed += 1;
                let detail = json!({ "roles": one.roles, "team": one.team, "discord_id": one.discord_id });
                tx.decided(Decision::new(What::PersonChanged, SubjectKind::Person, &one.name, detail, at));
            }
            Put::OtherDiscord => others.push(one.name.clone()),
        }
    }
    commit(tx).await?;
    Ok(Seeded { changed, others })
}
