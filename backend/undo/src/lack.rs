//! Why a statement can not be taken back: said at the review, so that a DBA decides before it runs.

use dbdesk_commands::lang::{Said, said};
use serde::{Deserialize, Serialize};

/// What stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    /// The table is not known, or is a view.
    Table {
        /// Its name.
        table: String,
    },
    /// Its engine has no transactions.
    Engine {
        /// The table.
        table: String,
        /// The engine.
        engine: String,
    },
    /// No primary key, and no unique one without NULL.
    NoKey {
        /// The table.
        table: String,
    },
    /// A column's type is not known.
    Type {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// Which rows it touches may be other ones the next time it is asked.
    ByChance {
        /// The word on which that depends.
        word: String,
    },
    /// It calls a function that is not known: it may change other rows.
    Function {
        /// Its name.
        name: String,
    },
    /// Whether other rows change along with those of the table was not asked.
    NotAsked {
        /// The table.
        table: String,
    },
    /// A `LIMIT` without an order that leaves no choice.
    Limit,
    /// It changes the key by which a row is found again.
    ChangesKey {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A trigger may change other rows.
    Trigger {
        /// The table.
        table: String,
        /// The trigger.
        trigger: String,
    },
    /// A foreign key takes rows of another table along.
    Cascade {
        /// The table.
        table: String,
        /// The other one.
        by: String,
    },
    /// It refers to other tables: an empty one made like it would not.
    OwnForeignKey {
        /// The table.
        table: String,
    },
    /// The rows that it inserts come from a query.
    Query,
    /// The rows that it inserts can not be found again: no key is written out as plain values.
    KeyNotWritten {
        /// The table.
        table: String,
    },
    /// A form that is not read for this.
    Form,
}

impl Lack {
    /// In words.
    #[must_use]
    pub fn said(&self) -> Said {
        match self {
            Self::Table { table } => {
                said!("{table} is not known as a table here", "这里不认识表 {table}")
            }
            Self::Engine { table, engine } => said!(
                "{table} is kept by {engine}, which has no transactions",
                "{table} 的存储引擎 {engine} 不支持事务"
            ),
            Self::NoKey { table } => said!(
                "{table} has no primary key and no unique one without NULL, so its rows can not be told apart",
                "{table} 没有主键，也没有不含 NULL 的唯一键，无法区分各行"
            ),
            Self::Type { table, column } => said!(
                "the type of {table}.{column} is not known, so its values could not be restored exactly",
                "不认识 {table}.{column} 的类型，无法精确还原它的值"
            ),
            Self::ByChance { word } => said!(
                "which rows it touches depends on {word}, which may say something else when it is asked again",
                "它影响哪些行取决于 {word}，而再次求值时结果可能不同"
            ),
            Self::Function { name } => said!(
                "it calls {name}(), which may change other rows as well",
                "它调用了 {name}()，该函数可能同时修改其他行"
            ),
            Self::NotAsked { table } => said!(
                "whether other rows change along with those of {table} is not known",
                "不清楚 {table} 的行变化时是否会连带修改其他行"
            ),
            Self::Limit => said!(
                "its LIMIT leaves open which rows it takes: add an ORDER BY that ends with the primary key",
                "它的 LIMIT 没有确定取哪些行：请加上以主键结尾的 ORDER BY"
            ),
            Self::ChangesKey { table, column } => said!(
                "it changes {column}, by which a row of {table} is found again",
                "它修改了 {table} 用来定位行的键列 {column}"
            ),
            Self::Trigger { table, trigger } => said!(
                "the trigger {trigger} of {table} may change other rows as well",
                "{table} 上的触发器 {trigger} 可能同时修改其他行"
            ),
            Self::Cascade { table, by } => said!(
                "a foreign key of {by} takes its rows along when rows of {table} change",
                "{by} 的外键会在 {table} 的行变化时连带修改自己的行"
            ),
            Self::OwnForeignKey { table } => said!(
                "{table} has foreign keys, which an empty table made like it would not have",
                "{table} 有外键，而照它新建的空表不会带上外键"
            ),
            Self::Query => said!(
                "the rows that it inserts come from a query, so they are not known beforehand",
                "它插入的行来自查询，事先无法知道是哪些行"
            ),
            Self::KeyNotWritten { table } => said!(
                "the rows that it inserts could not be found again: no key of {table} is written out as plain values",
                "插入的行之后无法再定位：没有以字面值写出 {table} 的任何一个键"
            ),
            Self::Form => Said::fixed(
                "statements of this form are not read closely enough to be taken back",
                "暂时无法足够精确地解析这种写法，因此不能撤销",
            ),
        }
    }
}
