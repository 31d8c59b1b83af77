//! pt-online-schema-change of the Percona Toolkit: triggers follow the changes. Steered through a plugin, since its own pause sleeps a minute.

use super::{Command, Heard, Job, Leavings, Tool, Word, put};
use dbdesk_undo::field::quoted;
use std::io;

/// The plugin.
const PLUGIN: &str = include_str!("dbdesk.pm");

/// It.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pt {
    program: String,
}

impl Default for Pt {
    fn default() -> Self {
        Self::at("pt-online-schema-change")
    }
}

impl Pt {
    /// The one at this path, or of this name on the path.
    #[must_use]
    pub fn at(program: &str) -> Self {
        Self { program: program.to_owned() }
    }
}

impl Tool for Pt {
    fn program(&self) -> &str {
        &self.program
    }

    fn prepare(&self, job: &Job) -> io::Result<Command> {
        put(&job.folder.join("dbdesk.pm"), PLUGIN)?;
        let shown = |path: std::path::PathBuf| path.display().to_string();
        let server = format!("h={},P={},F={}", job.host, job.port, shown(job.account_file()));
        let mut set = format!("lock_wait_timeout={},innodb_lock_wait_timeout=1", job.lock_wait_s);
        if job.explains_as_tree {
            // Else it takes every table for empty and copies it in one statement.
            set.push_str(",explain_format=TRADITIONAL");
        }
        let chunk = job.chunk.as_secs_f64();
        let arguments = [
            "--execute".to_owned(),
            "--alter".to_owned(),
            job.alter.clone(),
            "--no-version-check".to_owned(),
            // Lag is measured by whoever steers; a server to look at makes it ask the plugin after each chunk.
            "--recursion-method=none".to_owned(),
            "--no-check-replication-filters".to_owned(),
            format!("--check-slave-lag={server}"),
            // What steers it looks at unique keys itself.
            "--no-check-unique-key-change".to_owned(),
            format!("--plugin={}", shown(job.folder.join("dbdesk.pm"))),
            format!("--new-table-name={}", job.copy),
            "--no-drop-old-table".to_owned(),
            "--alter-foreign-keys-method=none".to_owned(),
            "--force".to_owned(),
            format!("--chunk-time={chunk}"),
            format!("--set-vars={set}"),
            "--tries=create_triggers:60:1,drop_triggers:60:1,swap_tables:60:1,copy_rows:20:0.25".to_owned(),
            // Both are looked at by whoever steers; this is for when nobody does.
            "--max-load=Threads_running=1000".to_owned(),
            "--critical-load=Threads_running=2000".to_owned(),
            "--progress=time,1".to_owned(),
            "--charset=utf8mb4".to_owned(),
            format!("{server},D={},t={}", escaped(&job.database), escaped(&job.table)),
        ];
        let word = shown(job.folder.join("word"));
        let database = quoted(&job.database);
        let triggers = self
            .leavings(job)
            .triggers
            .iter()
            .map(|name| format!("{database}.{}", quoted(name)))
            .collect::<Vec<_>>();
        Ok(Command {
            program: self.program.clone(),
            arguments: arguments.into(),
            environment: vec![
                ("DBDESK_OSC_WORD", word),
                ("DBDESK_OSC_LOCK", job.copy.clone()),
                ("DBDESK_OSC_PARENT", job.parent.to_string()),
                ("DBDESK_OSC_TRIGGERS", triggers.join("\n")),
            ],
        })
    }

    fn tell(&self, job: &Job, word: Word) -> io::Result<()> {
        let word = match word {
            Word::Go => "go",
            Word::Hold => "hold",
            Word::Wait => "wait",
            Word::Stop => "stop",
        };
        put(&job.folder.join("word"), &format!("{word}\n"))
    }

    fn hear(&self, _: &Job, line: &str) -> Heard {
        let line = line.trim_end();
        if let Some(said) = line.strip_prefix("dbdesk: ") {
            return match said.split_once(' ') {
                Some(("connection", id)) => id.parse().map_or_else(|_| other(line), Heard::Connection),
                Some(("swapped", old)) => Heard::Swapped { old: old.to_owned() },
                _ if said == "prepares" => Heard::Prepares,
                _ if said == "copied" => Heard::AllCopied,
                _ if said == "swaps" => Heard::Swaps,
                _ => other(line),
            };
        }
        if let Some((_, rest)) = line.split_once("Copying approximately ") {
            let rows = rest.split(' ').next().and_then(|rows| rows.parse().ok());
            return rows.map_or_else(|| other(line), |rows| Heard::Copies { rows });
        }
        if line.contains("Copying rows caused a MySQL error") {
            return Heard::Loses(line.to_owned());
        }
        progress(line).unwrap_or_else(|| other(line))
    }

    fn leavings(&self, job: &Job) -> Leavings {
        let trigger = |end: &str| {
            let name = format!("pt_osc_{}_{}_{end}", job.database, job.table);
            name.chars()
                .map(|letter| if letter.is_alphanumeric() || letter == '_' { letter } else { '_' })
                .collect()
        };
        Leavings { triggers: ["ins", "upd", "del"].map(trigger).into(), tables: vec![job.copy.clone()] }
    }
}

fn other(line: &str) -> Heard {
    Heard::Line(line.to_owned())
}

/// In a DSN a comma ends a value.
fn escaped(name: &str) -> String {
    name.replace('\\', "\\\\").replace(',', "\\,")
}

/// ``Copying `app`.`orders`:  43% 00:20 remain``
fn progress(line: &str) -> Option<Heard> {
    let rest = line.strip_prefix("Copying ")?;
    let (_, rest) = rest.rsplit_once(": ")?;
    let mut words = rest.split_whitespace();
    let percent: u16 = words.next()?.strip_suffix('%')?.parse().ok()?;
    let left_ms = words.next().filter(|_| line.ends_with("remain")).and_then(left);
    Some(Heard::Copied { permille: percent.min(100) * 10, left_ms })
}

/// `00:20`, `01:02:03`, `2+01:02:03`
fn left(text: &str) -> Option<u64> {
    let (days, clock) =
        text.split_once('+').map_or(Some((0, text)), |(days, clock)| Some((days.parse().ok()?, clock)))?;
    let parts: Vec<u64> = clock.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let seconds = parts.iter().fold(0u64, |all, part| all.saturating_mul(60).saturating_add(*part));
    Some((seconds + days * 86_400).saturating_mul(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_says_is_understood() {
        for (line, heard) in [
            ("dbdesk: connection 17", Heard::Connection(17)),
            ("dbdesk: swapped _orders_old", Heard::Swapped { old: "_orders_old".into() }),
            ("2026-11-27T09:00:00 Copying approximately 996000 rows...", Heard::Copies { rows: 996_000 }),
            (
                "Copying `app`.`orders`:  43% 00:20 remain",
                Heard::Copied { permille: 430, left_ms: Some(20_000) },
            ),
            (
                "Copying `a`.`b: c`:   0% 1+01:00:01 remain",
                Heard::Copied { permille: 0, left_ms: Some(90_001_000) },
            ),
            ("dbdesk: swaps", Heard::Swaps),
            ("Swapping tables...", Heard::Line("Swapping tables...".into())),
            (
                "Copying rows caused a MySQL error 1265: Data truncated for column 'v' at row 1",
                Heard::Loses(
                    "Copying rows caused a MySQL error 1265: Data truncated for column 'v' at row 1".into(),
                ),
            ),
        ] {
            assert_eq!(Pt::default().hear(&Job::default(), line), heard, "{line}");
        }
    }
}
