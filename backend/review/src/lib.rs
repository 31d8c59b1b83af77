//! REVIEW: SQL text in, findings out. Pure: no I/O, no clock. The live server is asked by somebody else
//! (`dbdesk_components::mysql::facts`): a script has [`Question`]s, and [`judge()`] takes the answers as [`Facts`].
//!
//! ```text
//! let script: Script = review::read(sql)?;                     // Err(Refusal): over 2 MB, over 50,000 statements
//! let questions: Vec<Question> = script.questions(&settings);  // what a live server should be asked; pure data
//! let facts: Facts = mysql::facts::gather(&connection, &questions, &limits).await?;   // or Facts::offline(catalogue)
//! let judged: Judged = review::judge(&script, &facts, &settings);
//! judged.in_lang(Lang::Zh)          // Vec<commands::wire::review::StatementReview>, what crosses HTTP
//! judged.worst()                    // Option<Level>: Error → returned; NeedsDba → the asker chooses
//! judged.risk()                     // Risk: High if something destroys data or structure
//! judged.within_policy(&PolicyLimits::default())   // nothing blocks, all is counted and small: no person needed
//! script.statements()               // [Statement { index, span, … }]; script.text(statement) is what runs
//! ```
//!
//! `Judged` is `Serialize + Deserialize`, with every sentence in both languages.

pub mod catalogue;
pub mod effect;
pub mod facts;
pub mod feature;
pub mod flavour;
pub mod judge;
pub mod judged;
pub mod layers;
pub mod mend;
pub mod numbered;
pub mod place;
pub mod plan;
pub mod print;
pub mod query;
pub mod questions;
pub mod read;
pub mod refusal;
pub mod reserved;
pub mod rules;
pub mod scan;
pub mod series;
pub mod server;
pub mod settings;
pub mod shadow;
pub mod shape;
pub mod span;
pub mod split;
pub mod thresholds;
pub mod truth;
pub mod types;
pub mod unique;
pub mod watch;
pub mod way;
pub mod world;

pub use facts::{Facts, Question};
pub use flavour::{Family, Flavour};
pub use judge::judge;
pub use judged::{Found, Judged, StatementJudged};
pub use layers::{InForce, Layer};
pub use mend::{Edit, mend};
pub use read::{Script, Statement, read};
pub use settings::{PolicyLimits, RuleLevel, Settings};
pub use span::Span;
