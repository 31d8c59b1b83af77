//! Work on accounts and databases: made from typed fields, not from SQL. Every step may be done again to the same end, so that what broke
//! off is done again from its start; what was made and can not be completed is taken away.

use super::{Work, ledger::Halt, reach::failed};
use crate::run::Accounts as ByGroup;
use chrono::TimeDelta;
use dbdesk_account::{
    AccountName, Dialect, Password, Scramble, Statement,
    ask::{Account, Ask},
    drift::{Ignored, differences, repair},
    given,
    password::PASSWORD_CHARS,
    scramble::SALT_CHANCE,
    shown::Live,
    statements,
};
use dbdesk_cmdb::{Instance, ServiceGroup};
use dbdesk_commands::{
    id::AccountId,
    lang::{Said, said},
    wire::entry::{Cause, Event},
};
use dbdesk_components::mysql::{
    OpenError,
    accounts::{Accounts, ReadError},
    target::StatementError,
};
use dbdesk_store::{
    account::{self, AccountRow, Became},
    account_secret::{self, Kind},
    run::{End, Write},
    service_group,
};
use dbdesk_ticket::machine::TaskEnd;
use dbdesk_undo::sealed::{Keys, NONCE_BYTES, open_secret, seal_secret};
use sqlx::mysql::MySqlConnectOptions;
use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

/// Between two looks at a replica.
const LOOK_AGAIN: Duration = Duration::from_millis(300);

/// Fills with random bytes; `false`: there are none.
pub type Chance = Arc<dyn Fn(&mut [u8]) -> bool + Send + Sync>;

/// How accounts are made.
#[derive(Clone)]
pub struct Granting {
    /// The account that makes them, by the service group's name.
    pub user: ByGroup,
    /// What seals passwords until they are handed over.
    pub keys: Keys,
    /// Where passwords and salts come from.
    pub chance: Chance,
    /// Hours for which a password is handed over.
    pub hand_over_hours: u32,
    /// Accounts that are not the desk's.
    pub ignored: Ignored,
}

impl fmt::Debug for Granting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Granting")
    }
}

/// Where a secret belongs: it opens nowhere else.
#[must_use]
pub fn secret_place(account: AccountId, generation: u32) -> String {
    format!("{account}/{generation}")
}

/// Why a list of steps broke off.
enum Broke {
    /// The server refused this one.
    Refused { index: u32, code: u16, message: String },
    /// It is away; trying again may help.
    Away(String),
    /// It can not be.
    Never(Said),
    /// The inventory's primary takes no writes, or there is none.
    NotPrimary,
    /// The store.
    Halt(Halt),
}

impl From<Halt> for Broke {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

impl From<OpenError> for Broke {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Refused { code, message } => Self::Refused { index: 0, code, message },
            OpenError::ReadOnly => Self::NotPrimary,
            error @ OpenError::Unreachable(_) => Self::Away(error.to_string()),
        }
    }
}

impl From<ReadError> for Broke {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Statement(StatementError::Server { code, message }) => {
                Self::Refused { index: 0, code, message }
            }
            other => Self::Away(other.to_string()),
        }
    }
}

fn at(index: u32, error: StatementError) -> Broke {
    match error {
        StatementError::Server { code, message } => Broke::Refused { index, code, message },
        StatementError::Lost(message) => Broke::Away(message),
    }
}

impl Work<'_> {
    /// Does what these fields ask for.
    pub(super) async fn account(&mut self, request: &str, approved: &str) -> Result<End, Halt> {
        let Ok(ask) = serde_json::from_str::<Ask>(request) else {
            return Ok(failed(Cause::ContentChanged, None));
        };
        if let Some(end) = self.gate().await? {
            return Ok(end);
        }
        let Some(group) = self.ledger.group(self.group).await? else {
            return Ok(failed(Cause::NotPrimary, None));
        };
        // What was approved is the text of these fields.
        let written = dbdesk_review::Flavour::of_name(&group.flavour).map(Dialect::of);
        if written.and_then(|dialect| ask.text(dialect).ok()).as_deref() != Some(approved) {
            return Ok(failed(Cause::ContentChanged, None));
        }
        match Box::pin(self.granted(&ask, &group)).await {
            Ok(()) => Ok(End { end: TaskEnd::Succeeded, cause: None, last: None }),
            Err(Broke::Halt(halt)) => Err(halt),
            Err(Broke::Refused { index, code, message }) => {
                let last = Event::StatementFailed { index, total: self.total, code: Some(code), message };
                Ok(failed(Cause::Statement, Some(last)))
            }
            Err(Broke::Never(why)) => {
                let last = Event::RolledBack { index: 0, total: self.total, why };
                Ok(failed(Cause::Statement, Some(last)))
            }
            Err(Broke::NotPrimary) => Ok(failed(Cause::NotPrimary, None)),
            Err(Broke::Away(message)) => {
                self.live.line(&format!("The server went away: {message}"));
                tracing::warn!(task = %self.ledger.lease.task, %message, "a server went away while accounts were seen to");
                Ok(failed(Cause::TargetDown, None))
            }
        }
    }

    async fn granted(&mut self, ask: &Ask, group: &ServiceGroup) -> Result<(), Broke> {
        let granting = self.settings.granting.clone().ok_or_else(|| Broke::Never(no_granting()))?;
        let instance = group.primary().cloned().ok_or(Broke::NotPrimary)?;
        let server = (granting.user)(&group.name).options(&instance.host, instance.port);
        let mut primary = self.reached(&server).await?;
        if primary.is_read_only().await.map_err(|error| at(0, error))? {
            return Err(Broke::NotPrimary);
        }
        self.live.line(&format!("Connected to {instance}."));
        let dialect = primary.dialect();
        let primary = &mut primary;
        if !dialect.is_served() {
            return Err(Broke::Never(too_old()));
        }
        self.fits(ask, primary).await?;
        let steps = if let Ask::Repair { accounts, .. } = ask {
            self.repairs(accounts, (&instance, primary)).await?
        } else {
            self.statements(ask, &granting, primary).await?
        };
        if let Err(broke) = self.run_each((&instance, primary), &steps).await {
            if ask.makes_accounts(dialect) && matches!(broke, Broke::Refused { .. }) {
                self.take_away(ask, primary, dialect).await?;
            }
            return Err(broke);
        }
        if ask.ends_sessions(dialect) {
            self.end_sessions(primary, &ask.names(dialect).map_err(Broke::Never)?).await?;
        }
        self.settle(ask, group).await?;
        self.compare(ask, (group, &granting), dialect).await?;
        if ask.makes().is_some() && !is_given(ask) {
            let until = self.ledger.clock.now() + TimeDelta::hours(i64::from(granting.hand_over_hours));
            self.tell(Event::PasswordWaits { until }).await?;
        }
        Ok(())
    }

    /// A connection to the primary; while it is away, it is tried again as for SQL.
    async fn reached(&mut self, server: &MySqlConnectOptions) -> Result<Accounts, Broke> {
        let (since, limit) = (Instant::now(), Duration::from_millis(self.settings.target_wait_ms));
        loop {
            match Accounts::open(server, self.settings.connect_limit()).await {
                Err(OpenError::Unreachable(message))
                    if since.elapsed() < limit && !*self.ledger.stop.borrow() =>
                {
                    self.live.line(&format!("The server can not be reached; it is tried again: {message}"));
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
                opened => return Ok(opened?),
            }
        }
    }

    /// Whether what is there allows it: nothing that is not the desk's is taken over.
    async fn fits(&mut self, ask: &Ask, primary: &mut Accounts) -> Result<(), Broke> {
        if let Ask::MakeDatabase { database, .. } = ask
            && let Some(live) = primary.database(&database.name).await.map_err(|error| at(0, error))?
        {
            return database.agrees(&live).map_err(Broke::Never);
        }
        let Ask::Create { account, .. } = ask else { return Ok(()) };
        let (pool, of) = (self.ledger.pen.pool().clone(), (account.id, account.generation));
        let secret = self.ledger.patiently(|| account_secret::get(&pool, of)).await?;
        if secret.is_some_and(|secret| secret.begun_at.is_some()) {
            // An earlier try of this ticket may have made them.
            return Ok(());
        }
        let names = account.all_names(primary.dialect()).map_err(Broke::Never)?;
        let there = primary.existing(&names).await.map_err(|error| at(0, error))?;
        there.first().map_or(Ok(()), |name| Err(Broke::Never(taken(name))))
    }

    /// The hash that the server gets: of the password that was made for this generation before, or of a new one, which is kept first.
    async fn scramble(&mut self, ask: &Ask, granting: &Granting) -> Result<Scramble, Broke> {
        let salt: [u8; SALT_CHANCE] = bytes(granting)?;
        let Some((account, generation)) = ask.account().zip(ask.makes()) else {
            // Nothing of it is sent.
            return Ok(Scramble::of(&Password::generate(&[0; PASSWORD_CHARS]), plugin(ask), &salt));
        };
        let (of, place) = ((account.id, generation), secret_place(account.id, generation));
        let pool = self.ledger.pen.pool().clone();
        if !is_given(ask) {
            let key = granting.keys.sealing.as_ref().ok_or_else(|| Broke::Never(no_key()))?;
            let password = Password::generate(&bytes(granting)?);
            let nonce: [u8; NONCE_BYTES] = bytes(granting)?;
            let sealed = seal_secret(password.reveal().as_bytes(), key, nonce, &place)
                .map_err(|_| Broke::Never(no_key()))?;
            let now = self.ledger.clock.now();
            self.ledger
                .patiently(|| account_secret::put(&pool, of, (Kind::Password, key.name(), &sealed), now))
                .await?;
        }
        let kept = self.ledger.patiently(|| account_secret::get(&pool, of)).await?;
        let kept = kept.ok_or_else(|| Broke::Never(secret_gone()))?;
        let sealed = kept.sealed.as_ref().ok_or_else(|| Broke::Never(secret_gone()))?;
        let key = granting.keys.named(&kept.key_name).ok_or_else(|| Broke::Never(no_key()))?;
        let opened = open_secret(sealed, key, &place).map_err(|_| Broke::Never(secret_gone()))?;
        let now = self.ledger.clock.now();
        self.ledger.patiently(|| account_secret::begin(&pool, of, now)).await?;
        match kept.kind {
            Kind::Password => {
                let password = Password::of_kept(&opened).ok_or_else(|| Broke::Never(secret_gone()))?;
                Ok(Scramble::of(&password, account.plugin, &salt))
            }
            Kind::Hash => {
                let text = std::str::from_utf8(&opened).map_err(|_| Broke::Never(secret_gone()))?;
                let dialect = dialect_of(account);
                given::parse(text, dialect).map_err(Broke::Never)
            }
        }
    }

    /// The statements of all but a repair; of what is taken away, those for accounts that are there.
    async fn statements(
        &mut self,
        ask: &Ask,
        granting: &Granting,
        primary: &mut Accounts,
    ) -> Result<Vec<Statement>, Broke> {
        let dialect = primary.dialect();
        let scramble = self.scramble(ask, granting).await?;
        let mut steps = ask.steps(&scramble, dialect).map_err(Broke::Never)?;
        if ask.takes_what_is_there(dialect) {
            let names = ask.names(dialect).map_err(Broke::Never)?;
            let there = primary.existing(&names).await.map_err(|error| at(0, error))?;
            steps.retain(|step| step.account().is_none_or(|account| there.contains(account)));
        }
        Ok(statements::written(&steps, dialect))
    }

    /// Sends them one after the other; each is written down before and after, as people may see it. What an earlier task has written down is
    /// done again, and not told again.
    async fn run_each(
        &mut self,
        (instance, primary): (&Instance, &mut Accounts),
        steps: &[Statement],
    ) -> Result<(), Broke> {
        let total = self.total;
        let instance = instance.to_string();
        // A repair is one piece of work to its ticket, however many statements it comes to.
        let pieces: Vec<&[Statement]> = if total == 1 { vec![steps] } else { steps.chunks(1).collect() };
        for (index, piece) in (0_u32..).zip(pieces) {
            self.ledger.proof().await?;
            let is_told = index >= self.from;
            if is_told {
                let instance = instance.clone();
                self.ledger
                    .write(Write::Sending { index, total, instance, connection: 0, kept: false })
                    .await?;
                self.ledger.proof().await?;
            }
            let started = Instant::now();
            for statement in piece {
                self.live.line(statement.shown());
                primary.run(statement).await.map_err(|error| at(index, error))?;
            }
            let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            let event =
                Event::StatementDone { index, total, affected_rows: 0, elapsed_ms, warnings: Vec::new() };
            if is_told {
                self.ledger.write(Write::Ran { index, event }).await?;
            }
        }
        Ok(())
    }

    /// What was made half-way is taken away again.
    async fn take_away(&mut self, ask: &Ask, primary: &mut Accounts, dialect: Dialect) -> Result<(), Broke> {
        let names = ask.names(dialect).map_err(Broke::Never)?;
        let there = primary.existing(&names).await.map_err(|error| at(0, error))?;
        for statement in statements::written(&statements::drop(&there), dialect) {
            self.ledger.proof().await?;
            self.live.line(statement.shown());
            primary.run(&statement).await.map_err(|error| at(0, error))?;
        }
        self.tell(Event::RolledBack { index: 0, total: self.total, why: taken_away() }).await?;
        Ok(())
    }

    async fn end_sessions(&mut self, primary: &mut Accounts, names: &[AccountName]) -> Result<(), Broke> {
        let mut ended = 0;
        for sessions in statements::sessions(names) {
            ended += primary.end_sessions(&sessions).await.map_err(|error| at(0, error))?;
        }
        if ended > 0 {
            self.tell(Event::SessionsEnded { sessions: ended as u64 }).await?;
        }
        Ok(())
    }

    /// The desk's own book says it, while the lease holds.
    async fn settle(&mut self, ask: &Ask, group: &ServiceGroup) -> Result<(), Broke> {
        let now = self.ledger.clock.now();
        let (pool, lease) = (self.ledger.pen.pool().clone(), self.ledger.lease);
        let spec = |account: &Account| serde_json::to_string(account).unwrap_or_default();
        let became = match ask {
            Ask::Create { account, until, .. } => Became::Active { spec: spec(account), until: *until },
            Ask::Renew { until, .. } => Became::Renewed(*until),
            Ask::Rotate { account, grace_hours, .. } => Became::Rotated {
                spec: spec(account),
                old_until: now + TimeDelta::hours(i64::from(*grace_hours)),
            },
            Ask::EndOld { .. } => Became::OldEnded,
            Ask::Lock { .. } => Became::Locked,
            Ask::Drop { .. } => Became::Dropped,
            Ask::Repair { .. } => return Ok(()),
            Ask::MakeDatabase { database, .. } => {
                let (name, database) = (group.name.clone(), database.name.to_string());
                self.ledger.patiently(|| service_group::add_database(&pool, &name, &database, now)).await?;
                return Ok(());
            }
        };
        let Some(id) = ask.account().map(|account| account.id) else { return Ok(()) };
        if !self.ledger.patiently(|| account::became(&pool, &lease, id, &became, now)).await? {
            return Err(Broke::Halt(Halt::Fenced));
        }
        if let Some(generation) = ask.makes() {
            self.ledger.patiently(|| account_secret::made(&pool, (id, generation), now)).await?;
        }
        Ok(())
    }

    /// Every other instance has it, or the thread says where not.
    async fn compare(
        &mut self,
        ask: &Ask,
        (group, granting): (&ServiceGroup, &Granting),
        dialect: Dialect,
    ) -> Result<(), Broke> {
        let names = ask.names(dialect).map_err(Broke::Never)?;
        if names.is_empty() || matches!(ask, Ask::Repair { .. }) {
            return Ok(());
        }
        let primary = group.primary();
        let until = Instant::now() + Duration::from_millis(self.settings.ddl.replica_wait_ms);
        for instance in group.instances.iter().filter(|instance| Some(*instance) != primary) {
            let server = (granting.user)(&group.name).options(&instance.host, instance.port);
            loop {
                let found = differs(&server, self.settings.connect_limit(), ask, &names).await;
                let Some((account, what)) = found else { break };
                if Instant::now() >= until || *self.ledger.stop.borrow() {
                    let instance = instance.to_string();
                    self.tell(Event::AccountDiffers { instance, account, what }).await?;
                    break;
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        }
        Ok(())
    }

    /// What brings these accounts back to what was granted, as both are now.
    async fn repairs(
        &mut self,
        names: &[AccountName],
        (instance, primary): (&Instance, &mut Accounts),
    ) -> Result<Vec<Statement>, Broke> {
        let pool = self.ledger.pen.pool().clone();
        let group = self.group;
        let rows = self.ledger.patiently(|| account::of_group(&pool, group)).await?;
        let dialect = primary.dialect();
        let expected = rows.iter().filter_map(|row| expected(row, dialect)).flatten().collect::<Vec<_>>();
        let mut written = Vec::new();
        for name in names {
            let live = primary.one(name).await?;
            let wanted = expected.iter().find(|one| one.name == *name);
            let found = differences(
                wanted.map(std::slice::from_ref).unwrap_or_default(),
                live.as_slice(),
                &Ignored::with(&[]),
                dialect,
            );
            if found.is_empty() {
                continue;
            }
            let fix = repair(wanted, live.as_ref(), None, dialect);
            if fix.needs_password {
                self.live.line(&format!("{name} needs a new password: rotate it."));
                self.tell(Event::AccountDiffers {
                    instance: instance.to_string(),
                    account: name.to_string(),
                    what: needs_password(),
                })
                .await?;
                continue;
            }
            written.extend(statements::written(&fix.steps, dialect));
            for sessions in &fix.sessions {
                let ended = primary.end_sessions(sessions).await.map_err(|error| at(0, error))?;
                self.live.line(&format!("{ended} sessions of {name} were ended."));
            }
        }
        Ok(written)
    }
}

/// What a server should have of an account of the desk.
#[must_use]
pub fn expected(row: &AccountRow, dialect: Dialect) -> Option<Vec<dbdesk_account::drift::Expected>> {
    use dbdesk_commands::wire::account::AccountState;
    let account: Account = serde_json::from_str(&row.spec).ok()?;
    account.expected(row.old_until.is_some(), row.state == AccountState::Locked, dialect).ok()
}

/// The first account that is not on this server as it should be after the work; `None`: all are.
async fn differs(
    server: &MySqlConnectOptions,
    limit: Duration,
    ask: &Ask,
    names: &[AccountName],
) -> Option<(String, Said)> {
    let first = names.first().map(ToString::to_string).unwrap_or_default();
    let mut accounts = match Accounts::open(server, limit).await {
        Ok(accounts) => accounts,
        Err(error) => return Some((first, not_asked(&error.to_string()))),
    };
    let mut found = None;
    for name in names {
        found = differs_there(&mut accounts, ask, name).await;
        if found.is_some() {
            break;
        }
    }
    accounts.close().await;
    found
}

async fn differs_there(accounts: &mut Accounts, ask: &Ask, name: &AccountName) -> Option<(String, Said)> {
    let dialect = accounts.dialect();
    let found = |said| Some((name.to_string(), said));
    let live: Option<Live> = match accounts.one(name).await {
        Ok(live) => live,
        Err(error) => return found(not_asked(&error.to_string())),
    };
    let wanted = match ask {
        Ask::Drop { .. } => return live.and_then(|_| found(still_there())),
        Ask::EndOld { .. } if !dialect.has_dual_passwords() => {
            return live.and_then(|_| found(still_there()));
        }
        Ask::Lock { account } => live.as_ref().and_then(|_| wanted_of(account, true, name, dialect)),
        _ => ask.account().and_then(|account| wanted_of(account, false, name, dialect)),
    };
    let all = differences(wanted.as_slice(), live.as_slice(), &Ignored::with(&[]), dialect);
    all.into_iter().next().and_then(|first| found(first.said()))
}

/// The dialect in which an account's hash is read: it goes by how the account logs in.
fn dialect_of(account: &Account) -> Dialect {
    let flavour =
        if account.plugin == dbdesk_account::Plugin::CachingSha2 { "mysql-8.0" } else { "mariadb-10.11" };
    Dialect::of(dbdesk_review::Flavour::of_name(flavour).unwrap_or_default())
}

fn wanted_of(
    account: &Account,
    is_locked: bool,
    name: &AccountName,
    dialect: Dialect,
) -> Option<dbdesk_account::drift::Expected> {
    account.expected(true, is_locked, dialect).ok()?.into_iter().find(|one| one.name == *name)
}

fn is_given(ask: &Ask) -> bool {
    matches!(ask, Ask::Create { given: true, .. } | Ask::Rotate { given: true, .. })
}

fn plugin(ask: &Ask) -> dbdesk_account::Plugin {
    ask.account().map_or(dbdesk_account::Plugin::Native, |account| account.plugin)
}

fn bytes<const N: usize>(granting: &Granting) -> Result<[u8; N], Broke> {
    let mut bytes = [0; N];
    if (granting.chance)(&mut bytes) {
        Ok(bytes)
    } else {
        Err(Broke::Away("the machine gives no random bytes".to_owned()))
    }
}

fn no_granting() -> Said {
    Said::fixed(
        "this machine has no account that may make accounts; `[target] account_user` names it",
        "这台机器没有可以创建账号的账号；请在 `[target] account_user` 中配置",
    )
}

fn too_old() -> Said {
    Said::fixed(
        "the server is older than MySQL 8.0 or MariaDB 10.5: accounts can not be locked or written safely there",
        "服务器版本早于 MySQL 8.0 或 MariaDB 10.5，无法在其上安全地管理账号",
    )
}

fn taken(name: &AccountName) -> Said {
    said!(
        "{name} is there already, and the desk did not make it: it is not taken over. Ask for another name",
        "{name} 已经存在，而且不是工单台创建的，不会接管它。请换一个名字"
    )
}

fn taken_away() -> Said {
    Said::fixed("what had been made of the account was taken away again", "已创建的部分账号已被删除")
}

fn still_there() -> Said {
    Said::fixed("it is still there", "账号仍然存在")
}

fn needs_password() -> Said {
    Said::fixed(
        "it is not there, and nobody has its password: rotate it",
        "账号不存在，而且没有人有它的密码：请轮换密码",
    )
}

fn not_asked(why: &str) -> Said {
    said!("it could not be asked: {why}", "无法查询：{why}")
}

fn no_key() -> Said {
    Said::fixed(
        "the key that seals passwords is not here (`[backup] secret_key_file`)",
        "没有用于加密密码的密钥（`[backup] secret_key_file`）",
    )
}

fn secret_gone() -> Said {
    Said::fixed(
        "the password of this try is not kept any more: ask for another with `/account rotate`",
        "本次生成的密码已不再保留，请用 `/account rotate` 重新生成",
    )
}
