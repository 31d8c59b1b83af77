//! Changes of structure: what tables were is kept before, what would destroy rows sets them aside, no lock is waited for long, and
//! at the end each replica is looked at.

use super::{
    Work,
    keep::{KEEP_LIMIT, NotKept, Plan},
    ledger::Halt,
};
use chrono::TimeDelta;
use dbdesk_commands::{
    lang::{Said, said},
    wire::{
        entry::{Event, KeptTable},
        group::InstanceRole,
        throttle,
    },
};
use dbdesk_components::mysql::{
    definition::definitions,
    target::{Session, StatementError},
};
use dbdesk_components::osc::{
    Pt, Tool,
    alter::{self, Online},
};
use dbdesk_review::{
    Facts, Question, Script,
    facts::TableName,
    shape::{Action, Shape, TableRef},
};
use dbdesk_store::{
    definition::{self, Definition},
    set_aside::{self, SetAside},
};
use dbdesk_undo::{
    aside::{self, Aside},
    definition::comparable,
};
use std::{
    collections::BTreeSet,
    fmt,
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

/// How changes of structure are made.
#[derive(Clone)]
pub struct Ddl {
    /// A lock is waited for so long at a time: whoever comes after waits behind it.
    pub lock_wait_s: u32,
    /// So often.
    pub lock_tries: u32,
    /// And not at all for so long in between.
    pub lock_pause_ms: u64,
    /// The schema into which tables are renamed instead of being dropped; `None`: they are dropped.
    pub set_aside_in: Option<String>,
    /// They stay there for so many days.
    pub set_aside_days: u32,
    /// A replica may take so long to come to what its primary has.
    pub replica_wait_ms: u64,
    /// What changes a large table.
    pub tool: Arc<dyn Tool>,
    /// One chunk of it should take so long.
    pub chunk_ms: u64,
    /// It waits while a replica is farther behind than this.
    pub max_lag_ms: u64,
    /// It waits while more threads than this run on the primary.
    pub max_threads_running: u32,
    /// The copy takes the table's place in a quiet window only, where the group has any.
    pub cut_over_in_quiet_window: bool,
}

impl Ddl {
    /// The lag and load above which work waits, where nobody has set others for its ticket.
    #[must_use]
    pub fn limits(&self) -> throttle::Limits {
        throttle::Limits { max_lag_ms: self.max_lag_ms, max_load: self.max_threads_running }
    }
}

impl fmt::Debug for Ddl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ddl({}, {:?})", self.tool.program(), self.set_aside_in)
    }
}

impl Default for Ddl {
    fn default() -> Self {
        Self {
            lock_wait_s: 3,
            lock_tries: 60,
            lock_pause_ms: 5_000,
            set_aside_in: Some("dbdesk_set_aside".to_owned()),
            set_aside_days: 7,
            replica_wait_ms: 60_000,
            tool: Arc::new(Pt::default()),
            chunk_ms: 100,
            max_lag_ms: 5_000,
            max_threads_running: 50,
            cut_over_in_quiet_window: false,
        }
    }
}

/// A change of structure, as it is made.
#[derive(Debug, Clone, Default)]
pub(super) struct Structure {
    /// The tables whose definitions are kept.
    pub(super) tables: Vec<TableName>,
    /// What runs in its place.
    pub(super) aside: Option<Aside>,
    /// Tables that it gives a name in the schema for what is set aside.
    moved: Vec<aside::Table>,
    /// What a tool does in its place.
    pub(super) online: Option<Online>,
    definitions: Vec<Definition>,
}

/// Between two looks at a replica.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Tables of one replica that are told.
const MOST_DIFFER: usize = 10;
/// Tables of one statement whose definitions are kept.
const MOST_TABLES: usize = 1_000;
/// No right to do that there.
const DENIED: [u16; 4] = [1044, 1142, 1143, 1227];
/// A lock was waited for in vain.
pub(super) const LOCK_WAIT: u16 = 1205;

/// The tables whose definitions a statement changes.
fn changed(shape: &Shape, database: &str) -> Vec<TableName> {
    let name = |table: &TableRef| table.named(Some(database));
    let mut tables = match shape {
        Shape::CreateTable(create) if !create.temporary => vec![name(&create.table)],
        Shape::AlterTable(alter) => {
            let renamed = alter.ops.iter().filter_map(|op| match &op.action {
                Action::RenameTable(table) => Some(name(table)),
                _ => None,
            });
            std::iter::once(name(&alter.table)).chain(renamed).collect()
        }
        Shape::RenameTable(pairs) => pairs.iter().flat_map(|(old, new)| [name(old), name(new)]).collect(),
        _ => Vec::new(),
    };
    tables.truncate(MOST_TABLES);
    tables
}

/// The tables that a rename sets aside: they go when their time is over, as the others do.
fn moved(pairs: &[(TableRef, TableRef)], database: &str, schema: &str) -> Vec<aside::Table> {
    let one = |(old, new): &(TableRef, TableRef)| {
        let (old, new) = (old.named(Some(database)), new.named(Some(database)));
        let leaves = new.database.as_deref() == Some(schema) && old.database.as_deref() != Some(schema);
        leaves.then(|| aside::Table {
            database: old.database.unwrap_or_default(),
            table: old.table,
            kept_as: new.table,
        })
    };
    pairs.iter().filter_map(one).collect()
}

impl Work<'_> {
    /// How a change of structure is made, or why it could not be taken back although it destroys rows.
    pub(super) async fn plan_structure(&mut self, index: u32, script: &Script, shape: &Shape) -> Plan {
        let mut structure = Structure { tables: changed(shape, &self.database), ..Structure::default() };
        // What somebody renames there by a ticket of his own is not ours to drop.
        if let (Shape::RenameTable(pairs), Some(schema), true) =
            (shape, &self.settings.ddl.set_aside_in, self.script.takes_back())
        {
            structure.moved = moved(pairs, &self.database, schema);
        }
        if let (Shape::DropTable(_) | Shape::Truncate(_), Some(schema)) =
            (shape, self.settings.ddl.set_aside_in.clone())
        {
            let facts = match self.destroyed(shape).await {
                Ok(facts) => facts,
                Err(why) => return Plan::Without(why),
            };
            let lease = self.ledger.lease;
            let prefix = format!("t{}_k{}_{index}", lease.ticket.0, lease.task.0);
            let place = aside::Place { schema: &schema, prefix };
            match aside::plan(shape, &facts, Some(&self.database), &place) {
                Ok(aside) => structure.aside = aside,
                Err(lack) => return Plan::Without(lack.said()),
            }
        }
        if let (Shape::AlterTable(alter), true) = (shape, self.script.runs_online(index)) {
            let facts = match self.seen_of(vec![&alter.table]).await {
                Ok(facts) => facts,
                Err(why) => return Plan::Refused(why),
            };
            match alter::online(script, alter, &facts, &self.database) {
                Ok(online) => structure.online = Some(online),
                // The review told it; something has come to the table since.
                Err(why) => return Plan::Refused(not_online(&why)),
            }
        }
        Plan::Structure(Box::new(structure))
    }

    /// What the target says of the tables that a statement would destroy.
    async fn destroyed(&mut self, shape: &Shape) -> Result<Facts, Said> {
        let tables = match shape {
            Shape::DropTable(drop) => drop.tables.iter().collect(),
            Shape::Truncate(table) => vec![table],
            _ => Vec::new(),
        };
        self.seen_of(tables).await
    }

    /// What the target says of these tables, and of what hangs on them.
    async fn seen_of(&mut self, tables: Vec<&TableRef>) -> Result<Facts, Said> {
        let names = tables.into_iter().map(|table| table.named(Some(&self.database)));
        let questions: Vec<Question> =
            names.flat_map(|name| [Question::Table(name.clone()), Question::Along(name)]).collect();
        let unseen =
            |why: String| said!("the tables could not be looked at: {why}", "无法查看相关的表：{why}");
        self.asked(&questions).await.map_err(|error| unseen(error.to_string()))
    }

    /// Writes down what leads back, before anything is sent.
    pub(super) async fn keep_structure(
        &mut self,
        index: u32,
        structure: &mut Structure,
    ) -> Result<(), NotKept> {
        let (lease, at, limit) = (self.ledger.lease, self.ledger.clock.now(), self.settings.connect_limit());
        let Some(reached) = &self.reached else { return Ok(()) };
        let found = definitions(&reached.options, &structure.tables, limit).await.map_err(NotKept::Target)?;
        let one = |(part, (name, before_sql)): (usize, (&TableName, Option<String>))| Definition {
            statement: index,
            part: part as u32,
            database_name: name.database.clone().unwrap_or_default(),
            table_name: name.table.clone(),
            before_sql,
            after_sql: None,
            done: false,
        };
        structure.definitions = structure.tables.iter().zip(found).enumerate().map(one).collect();
        let store = self.ledger.pen.pool().clone();
        for definition in &structure.definitions {
            in_time(definition::put(&store, (lease.ticket, lease.task), definition, at)).await?;
        }
        let aside = structure.aside.as_ref();
        let tables = aside.iter().flat_map(|aside| &aside.tables).chain(&structure.moved);
        for table in tables {
            let row = SetAside {
                task_id: lease.task.0,
                statement: index,
                kept_as: table.kept_as.clone(),
                kept_in: self.settings.ddl.set_aside_in.clone().unwrap_or_default(),
                database_name: table.database.clone(),
                table_name: table.table.clone(),
                back: aside.map(|aside| aside.back.clone()).unwrap_or_default(),
            };
            in_time(set_aside::put(&store, (lease.ticket, self.group), &row, at)).await?;
        }
        Ok(())
    }

    /// Says where the tables are that were dropped or emptied, and until when.
    pub(super) async fn tell_aside(&mut self, index: u32, structure: &Structure) -> Result<(), Halt> {
        let (Some(aside), Some(schema)) = (&structure.aside, self.settings.ddl.set_aside_in.clone()) else {
            return Ok(());
        };
        let one = |table: &aside::Table| KeptTable {
            table: format!("{}.{}", table.database, table.table),
            kept_as: format!("{schema}.{}", table.kept_as),
        };
        let tables: Vec<KeptTable> = aside.tables.iter().map(one).collect();
        if tables.is_empty() {
            return Ok(());
        }
        let days = TimeDelta::days(i64::from(self.settings.ddl.set_aside_days));
        let until = self.ledger.clock.now() + days;
        self.tell(Event::SetAside { index, tables, until }).await
    }

    /// Notes what the statement left. Where that fails, the way back is looked for later by what stands there then.
    pub(super) async fn note_structure(&mut self, structure: &Structure) {
        let (lease, at, limit) = (self.ledger.lease, self.ledger.clock.now(), self.settings.connect_limit());
        let Some(reached) = &self.reached else { return };
        let Ok(found) = definitions(&reached.options, &structure.tables, limit).await else { return };
        let store = self.ledger.pen.pool().clone();
        for (definition, after_sql) in structure.definitions.iter().zip(found) {
            let definition = Definition { after_sql, done: true, ..definition.clone() };
            if let Err(error) =
                in_time(definition::put(&store, (lease.ticket, lease.task), &definition, at)).await
            {
                tracing::warn!(task = %lease.task, why = %error.said().en, "what a statement left could not be noted");
                return;
            }
        }
    }

    /// Looks whether each replica has what the primary has, and tells where not.
    pub(super) async fn compare_replicas(&mut self, tables: &BTreeSet<TableName>) -> Result<(), Halt> {
        if tables.is_empty() {
            return Ok(());
        }
        let Some(group) = self.ledger.group(self.group).await? else { return Ok(()) };
        let limit = self.settings.connect_limit();
        let account = (self.settings.account)(&group.name);
        let Some(reached) = &self.reached else { return Ok(()) };
        let tables: Vec<TableName> = tables.iter().cloned().collect();
        let Ok(expected) = definitions(&reached.options, &tables, limit).await else { return Ok(()) };
        let until = Instant::now() + Duration::from_millis(self.settings.ddl.replica_wait_ms);
        for replica in group.instances.iter().filter(|instance| instance.role == InstanceRole::Replica) {
            let options = account.options(&replica.host, replica.port);
            let mut left: Vec<(TableName, Option<String>)> =
                tables.iter().cloned().zip(expected.clone()).collect();
            let mut problem;
            loop {
                let names: Vec<TableName> = left.iter().map(|(name, _)| name.clone()).collect();
                match definitions(&options, &names, limit).await {
                    Ok(found) => {
                        let same = |text: &Option<String>| text.as_deref().map(comparable);
                        let differs = left.into_iter().zip(&found);
                        left = differs
                            .filter(|((_, wanted), is)| same(wanted) != same(is))
                            .map(|(one, _)| one)
                            .collect();
                        problem = None;
                    }
                    Err(error) => problem = Some(error.to_string()),
                }
                if left.is_empty() || Instant::now() >= until || self.asked_to_end().is_some() {
                    break;
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
            for (name, _) in left.into_iter().take(MOST_DIFFER) {
                let database = name.database.unwrap_or_default();
                let (instance, table) = (replica.to_string(), format!("{database}.{}", name.table));
                self.tell(Event::ReplicaDiffers { instance, table, problem: problem.clone() }).await?;
            }
        }
        Ok(())
    }
}

async fn in_time<T>(writing: impl Future<Output = Result<T, dbdesk_store::Error>>) -> Result<T, NotKept> {
    match tokio::time::timeout(KEEP_LIMIT, writing).await {
        Ok(written) => written.map_err(NotKept::Store),
        Err(_) => Err(NotKept::Time),
    }
}

/// Runs a change of structure, or what stands in its place.
pub(super) async fn run(
    session: &mut Session,
    text: &str,
    structure: &Structure,
    ddl: &Ddl,
) -> Result<u64, Refused> {
    session.wait_for_locks(ddl.lock_wait_s).await?;
    let (Some(aside), Some(schema)) = (&structure.aside, &ddl.set_aside_in) else {
        return Ok(session.run(text).await?);
    };
    session.make_database(schema).await.map_err(|error| refused(error, schema))?;
    all(session, &aside.sql).await.map(|()| 0).map_err(|error| refused(error, schema))
}

async fn all(session: &mut Session, sql: &[String]) -> Result<(), StatementError> {
    for sql in sql {
        session.run(sql).await?;
    }
    Ok(())
}

/// Why a change of structure was not made.
pub(super) enum Refused {
    Statement(StatementError),
    /// Tables can not be set aside there.
    Aside(Said),
}

impl From<StatementError> for Refused {
    fn from(error: StatementError) -> Self {
        Self::Statement(error)
    }
}

fn not_online(why: &Said) -> Said {
    let Said { en, zh } = why;
    said!(
        "the online tool can not do it: {en}. File it again: the review tells it now, and a DBA may approve it as it is written",
        "在线改表工具无法执行：{zh}。请重新提交：审核会提示，DBA 可以批准原样执行"
    )
}

fn refused(error: StatementError, schema: &str) -> Refused {
    match error {
        StatementError::Server { code, message } if DENIED.contains(&code) => Refused::Aside(said!(
            "its tables could not be set aside in `{schema}`, and nothing is dropped without that. The server says: {message}. A DBA grants \
             CREATE, ALTER, INSERT and DROP on `{schema}`.* to the account that tickets run with",
            "无法把表移到 `{schema}` 保留，因此没有删除任何内容。服务器返回：{message}。请 DBA 把 `{schema}`.* 上的 CREATE、ALTER、INSERT、DROP \
             权限授予执行工单的账号"
        )),
        error => Refused::Statement(error),
    }
}
