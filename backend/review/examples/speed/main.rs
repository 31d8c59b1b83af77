//! How fast the offline review is beside the bare sqlparser on the same text and core, how both grow, and what memory the
//! review takes. Printed, not asserted: `make bench-review`, or `cargo run --release -p dbdesk-review --example speed`.
//!
//! `speed --write COUNT` prints a script for other programs to be measured by; `speed --once review|print|bare|none mixed|DML|DDL|short COUNT`
//! does one piece of work, for a profiler or a counter of instructions.

mod script;

use dbdesk_commands::lang::Lang;
use dbdesk_review::{Facts, RuleLevel, Script, Settings, print, rules};
use script::{Sort, script};
use sqlparser::{dialect::MySqlDialect, parser::Parser};
use std::{
    fs,
    hint::black_box,
    process::Command,
    time::{Duration, Instant},
};

/// The best of so many: what else the machine does only ever adds.
const TRIES: usize = 7;

#[expect(clippy::disallowed_methods, reason = "an example is its own main.rs")]
fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match *words.as_slice() {
        [] => table(),
        ["--write", count] => print!("{}", script(Sort::Mixed, count.parse().expect("a count"))),
        ["--once", what, sort, count] => once(what, &made(sort, count.parse().expect("a count"))),
        ["--memory", sort, count] => memory(sort, count.parse().expect("a count")),
        _ => eprintln!(
            "speed | speed --write COUNT | speed --once review|print|bare|none mixed|DML|DDL|short COUNT"
        ),
    }
}

fn table() {
    println!("{} rules are on by default, {} there are", on().len(), rules::ALL.len());
    println!(
        "{:11}{:>8}{:>10} |{:>9}{:>9}{:>11} |{:>11}{:>7} |{:>13} |{:>10}",
        "script",
        "count",
        "bytes",
        "read ms",
        "rules ms",
        "review/s",
        "bare/s",
        "ratio",
        "all rules/s",
        "peak MB"
    );
    for (name, sort, counts) in [
        ("mixed", Sort::Mixed, &[1_000, 2_000, 5_000, 10_000][..]),
        ("DML", Sort::Dml, &[1_000, 10_000]),
        ("DDL", Sort::Ddl, &[1_000, 10_000]),
        ("short", Sort::Short, &[1_000, 5_000, 10_000, 20_000, 50_000]),
    ] {
        let mut first = None;
        for &count in counts {
            let each = line(name, count, &script(sort, count));
            let first = first.get_or_insert(each);
            if count == *counts.last().unwrap_or(&0) {
                println!("{:11}{:.2} times the time for each statement of {}", "", each / *first, counts[0]);
            }
        }
    }
    line("one INSERT", 1, &script::insert(1_000));
    line("one INSERT", 1, &script::insert(60_000));
}

fn on() -> Vec<&'static rules::Rule> {
    rules::ALL.iter().filter(|rule| rule.on).collect()
}

/// Prints a line of the table; the seconds for each statement.
fn line(name: &str, count: usize, text: &str) -> f64 {
    let default = Settings::default();
    let all = Settings {
        rules: rules::ALL.iter().map(|rule| (rule.id.to_owned(), RuleLevel::Notice)).collect(),
        ..Settings::default()
    };
    let read = best(|| drop(black_box(dbdesk_review::read(text))));
    let script = dbdesk_review::read(text).expect("a script");
    assert_eq!(script.statements().len(), count, "the script is not what it is to be");
    let unread = script.statements().iter().find(|statement| statement.kind == "not_analysable");
    assert!(unread.is_none_or(|unread| panic!("not read: {}", script.text(unread))));
    let some = best(|| judge(&script, &default));
    let every = best(|| judge(&script, &all));
    assert!(bare(text), "the bare parser does not read the script");
    let bare = best(|| assert!(black_box(bare(text))));
    let rate = |took: Duration| f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / took.as_secs_f64();
    let ms = |took: Duration| took.as_secs_f64() * 1e3;
    println!(
        "{name:11}{count:>8}{:>10} |{:>9.2}{:>9.2}{:>11.0} |{:>11.0}{:>7.2} |{:>13.0} |{:>10}",
        text.len(),
        ms(read),
        ms(some),
        rate(read + some),
        rate(bare),
        bare.as_secs_f64() / (read + some).as_secs_f64(),
        rate(read + every),
        peak_mb(name, if count == 1 { text.len() / 32 } else { count }),
    );
    1.0 / rate(read + some)
}

fn judge(script: &Script, settings: &Settings) {
    black_box(dbdesk_review::judge(script, &Facts::default(), settings));
}

fn bare(text: &str) -> bool {
    match Parser::parse_sql(&MySqlDialect {}, text) {
        Ok(statements) => !black_box(statements).is_empty(),
        Err(error) => panic!("{error}"),
    }
}

fn once(what: &str, text: &str) {
    match what {
        "review" => judge(&dbdesk_review::read(text).expect("a script"), &Settings::default()),
        "print" => {
            let script = dbdesk_review::read(text).expect("a script");
            let judged = dbdesk_review::judge(&script, &Facts::default(), &Settings::default());
            print!("{}", print::print("script.sql", text, &judged, Lang::En));
        }
        "bare" => assert!(bare(text)),
        _ => {}
    }
}

fn made(sort: &str, count: usize) -> String {
    match sort {
        "DML" => script(Sort::Dml, count),
        "DDL" => script(Sort::Ddl, count),
        "short" => script(Sort::Short, count),
        "one INSERT" => script::insert(count),
        _ => script(Sort::Mixed, count),
    }
}

/// The most memory that a process of its own had in use for such a review, by its own account.
fn peak_mb(name: &str, count: usize) -> String {
    let child = std::env::current_exe()
        .and_then(|speed| Command::new(speed).args(["--memory", name, &count.to_string()]).output());
    child.map_or_else(|_| "?".to_owned(), |child| String::from_utf8_lossy(&child.stdout).trim().to_owned())
}

fn memory(sort: &str, count: usize) {
    once("review", &made(sort, count));
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak_kb: Option<u32> = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|peak| peak.trim().strip_suffix("kB")?.trim().parse().ok());
    println!("{:.1}", f64::from(peak_kb.unwrap_or(0)) / 1024.0);
}

fn best(mut work: impl FnMut()) -> Duration {
    let once = |()| {
        let started = Instant::now();
        work();
        started.elapsed()
    };
    std::iter::repeat_n((), TRIES).map(once).min().unwrap_or_default()
}
