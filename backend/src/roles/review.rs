//! `dbdesk review`: reviews files offline, without a server, by the rules of the configuration where there is one; and says
//! which rules those are. Ends with 0 when nothing blocks, 1 when something does, 2 when a file could not be reviewed.

mod fix;
mod place;
mod rules;

use self::place::{Place, place};
use clap::{Args, ValueEnum};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::{
        problem::Refusal,
        review::{MAX_SQL_BYTES, StatementReview},
    },
};
use dbdesk_review::{Facts, Flavour, Judged, Settings, print, series};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Findings block.
const BLOCKED: u8 = 1;
/// A file could not be reviewed.
const COULD_NOT_RUN: u8 = 2;

/// `dbdesk review [--environment NAME] [--group NAME] [--schema FILE] [--flavour NAME] [--fix [--in-place]]
/// [--format text|json] [--lang en|zh-CN] FILE… | --rules | --rule NAME`
#[derive(Debug, Args)]
pub struct ReviewArgs {
    /// A file of CREATE TABLEs: the tables that there are
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
    /// The server: mysql57, mysql8, mysql84, mysql9, mariadb, mariadb10.6 …; left out, the group's, else mysql8
    #[arg(long, value_name = "NAME", value_parser = flavour)]
    flavour: Option<Flavour>,
    /// By the rules of this environment
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// By the rules of this service group; without --environment the inventory is asked for the group's
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// List every rule: how serious it is there, who says so, its thresholds
    #[arg(long, conflicts_with_all = ["rule", "files", "schema"])]
    rules: bool,
    /// Show a rule's page
    #[arg(long, value_name = "NAME", conflicts_with_all = ["files", "schema"])]
    rule: Option<String>,
    /// Mend what is certain: the text goes to the standard output, what is left to find to the standard error
    #[arg(long, conflicts_with_all = ["rules", "rule"])]
    fix: bool,
    /// With --fix: write the mended text into the files
    #[arg(long, requires = "fix")]
    in_place: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Language of the findings
    #[arg(long, value_name = "en|zh-CN", default_value = "en", value_parser = lang)]
    lang: Lang,
    /// Files of SQL; `-` is the standard input. A table such as `orders_{0000..0511}` stands for a statement for each
    /// number; what is found is told at its place in the file
    #[arg(required_unless_present_any = ["rules", "rule"], value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs: a list of statements
    Json,
}

fn flavour(name: &str) -> Result<Flavour, String> {
    Flavour::of_name(name).ok_or_else(|| format!("known are {}", Flavour::NAMES))
}

fn lang(tag: &str) -> Result<Lang, String> {
    match tag {
        "en" => Ok(Lang::En),
        "zh" | "zh-CN" => Ok(Lang::Zh),
        _ => Err("known are en, zh-CN".to_owned()),
    }
}

/// Runs the role, with the configuration in `file` and what `environment` says over it.
#[must_use]
pub fn run(args: &ReviewArgs, file: Option<&Path>, environment: &BTreeMap<String, String>) -> ExitCode {
    let (input, output, errors) = (io::stdin().lock(), io::stdout().lock(), io::stderr().lock());
    ExitCode::from(answer(args, place(args, file, environment), input, output, errors))
}

fn answer(
    args: &ReviewArgs,
    place: Result<Place, Said>,
    input: impl Read,
    mut output: impl Write,
    mut errors: impl Write,
) -> u8 {
    let told = match place {
        Err(said) => Err(said),
        Ok(place) => {
            if let Some(warning) = &place.warning {
                let _ = writeln!(errors, "dbdesk review: {}", warning.in_lang(args.lang));
            }
            if !args.rules && args.rule.is_none() {
                return review(args, &place.settings(), input, output, errors);
            }
            rules_told(args, &place)
        }
    };
    match told.and_then(|text| output.write_all(text.as_bytes()).map_err(|error| plain(&error.into()))) {
        Ok(()) => 0,
        Err(said) => {
            // Nobody is left to tell when the standard error is closed.
            let _ = writeln!(errors, "dbdesk review: {}", said.in_lang(args.lang));
            COULD_NOT_RUN
        }
    }
}

/// The list of rules, or the page of one.
fn rules_told(args: &ReviewArgs, place: &Place) -> Result<String, Said> {
    let (scope, lang) = (place.scope.clone(), args.lang);
    let json = |value: serde_json::Result<String>| {
        value.map(|text| text + "\n").map_err(|error| plain(&error.into()))
    };
    if let Some(name) = &args.rule {
        let rule = crate::rules::named(name).map_err(|refusal| refusal.said)?;
        let Some(view) = place.in_force.view(scope, rule, lang) else { return Ok(String::new()) };
        return match args.format {
            Format::Text => Ok(rules::page(&view, lang)),
            Format::Json => json(serde_json::to_string_pretty(&view)),
        };
    }
    let page = place.in_force.page(scope, &dbdesk_review::rules::find(""), lang);
    match args.format {
        Format::Text => Ok(rules::list(&page, lang)),
        Format::Json => json(serde_json::to_string_pretty(&page)),
    }
}

/// What went wrong in the machine, alike in both languages.
fn plain(error: &anyhow::Error) -> Said {
    said!("{error:#}", "{error:#}")
}

/// A statement of one of several files.
#[derive(Serialize)]
struct InFile {
    file: String,
    #[serde(flatten)]
    statement: StatementReview,
}

/// A file with its review.
struct Reviewed {
    name: String,
    sql: String,
    judged: Judged,
}

fn review(
    args: &ReviewArgs,
    settings: &Settings,
    mut input: impl Read,
    mut output: impl Write,
    mut errors: impl Write,
) -> u8 {
    let mut failed = false;
    // Nobody is left to tell when the standard error is closed.
    let mut complain = |said: &Said| {
        let _ = writeln!(errors, "dbdesk review: {}", said.in_lang(args.lang));
    };
    let facts = match &args.schema {
        None => Facts::default(),
        Some(path) => match schema(path, &mut input) {
            Ok(facts) => facts,
            Err(said) => {
                complain(&said);
                return COULD_NOT_RUN;
            }
        },
    };
    if args.schema.is_some() && !facts.complete {
        complain(&Said::fixed(
            "warning: some statements of the schema file are not understood, so tables that are not in it are not called unknown.",
            "警告：结构文件里有看不懂的语句，因此不会把文件里没有的表报为不存在。",
        ));
    }
    let mut reviewed = Vec::new();
    for path in &args.files {
        let file = one(path, &mut input, &facts, settings);
        let file =
            if args.fix { file.and_then(|file| mended(args, file, path, &facts, settings)) } else { file };
        match file {
            Ok(file) => reviewed.push(file),
            Err(said) => {
                failed = true;
                complain(&said);
            }
        }
    }
    let written = if args.fix && !args.in_place {
        let texts = reviewed.iter().try_for_each(|file| output.write_all(file.sql.as_bytes()));
        texts.and_then(|()| output.flush()).and_then(|()| write(args, &reviewed, &mut errors))
    } else {
        write(args, &reviewed, &mut output)
    };
    // Nobody is left to tell when the standard error is closed.
    let mut complain = |said: &Said| {
        let _ = writeln!(errors, "dbdesk review: {}", said.in_lang(args.lang));
    };
    if let Err(error) = written {
        complain(&said!("the findings could not be written: {error}", "无法写出评审结果：{error}"));
        failed = true;
    }
    match reviewed.iter().any(|file| file.judged.blocks()) {
        _ if failed => COULD_NOT_RUN,
        true => BLOCKED,
        false => 0,
    }
}

fn schema(path: &Path, input: &mut impl Read) -> Result<Facts, Said> {
    let sql = read(path, input)?;
    let written = series::written(&sql).map_err(|refusal| about(path, &refusal.said))?;
    let script = dbdesk_review::read(&written.sql).map_err(|refusal| about(path, &refusal.said))?;
    Ok(Facts::of_schema(&script))
}

fn one(path: &Path, input: &mut impl Read, facts: &Facts, settings: &Settings) -> Result<Reviewed, Said> {
    let sql = read(path, input)?;
    let judged = judged(&sql, facts, settings).map_err(|refusal| about(path, &refusal.said))?;
    Ok(Reviewed { name: shown(path), sql, judged })
}

/// What is found in a text, its ranges of numbers written out, at its places in the text.
fn judged(sql: &str, facts: &Facts, settings: &Settings) -> Result<Judged, Refusal> {
    let written = series::written(sql)?;
    let script = dbdesk_review::read(&written.sql)?;
    let mut judged = dbdesk_review::judge(&script, facts, settings);
    written.put_back(&mut judged);
    Ok(judged)
}

/// The file with what is certain mended, in its place where that is asked.
fn mended(
    args: &ReviewArgs,
    file: Reviewed,
    path: &Path,
    facts: &Facts,
    settings: &Settings,
) -> Result<Reviewed, Said> {
    let before = file.sql.clone();
    let file = fix::fixed(file, path, facts, settings)?;
    if args.in_place && file.sql != before {
        fix::put(path, &file.sql)?;
    }
    Ok(file)
}

/// The whole text of a file, or why it can not be had.
fn read(path: &Path, input: &mut impl Read) -> Result<String, Said> {
    let mut bytes = Vec::new();
    let most = MAX_SQL_BYTES as u64 + 1;
    let read = if is_stdin(path) {
        input.take(most).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes))
    };
    if let Err(error) = read {
        return Err(about(
            path,
            &said!(
                "it can not be read ({error}). Check the name and your right to read it.",
                "无法读取（{error}）。请检查文件名和读权限。",
            ),
        ));
    }
    if bytes.len() > MAX_SQL_BYTES {
        return Err(about(
            path,
            &said!(
                "it is larger than {MAX_SQL_BYTES} bytes (2 MB), the most for one review. Split it into several files.",
                "超过 {MAX_SQL_BYTES} 字节（2 MB），这是一次评审的上限。请拆成几个文件。",
            ),
        ));
    }
    String::from_utf8(bytes).map_err(|error| {
        let byte = error.utf8_error().valid_up_to();
        about(
            path,
            &said!(
                "it is not UTF-8: the bytes at offset {byte} are no character. Save it as UTF-8, for example with iconv -f GB18030 -t UTF-8.",
                "不是 UTF-8：偏移 {byte} 处的字节不是字符。请另存为 UTF-8，例如 iconv -f GB18030 -t UTF-8。",
            ),
        )
    })
}

fn about(path: &Path, said: &Said) -> Said {
    let file = shown(path);
    let Said { en, zh } = said;
    said!("{file}: {en}", "{file}：{zh}")
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn shown(path: &Path) -> String {
    if is_stdin(path) { "<stdin>".to_owned() } else { path.display().to_string() }
}

fn write(args: &ReviewArgs, reviewed: &[Reviewed], output: &mut impl Write) -> io::Result<()> {
    match args.format {
        Format::Text => {
            for file in reviewed {
                output.write_all(print::print(&file.name, &file.sql, &file.judged, args.lang).as_bytes())?;
            }
        }
        Format::Json => {
            let statements = |file: &Reviewed| file.judged.in_lang(args.lang);
            if let ([file], [_]) = (reviewed, args.files.as_slice()) {
                serde_json::to_writer_pretty(&mut *output, &statements(file))?;
            } else {
                let all: Vec<InFile> = reviewed
                    .iter()
                    .flat_map(|file| {
                        let name = &file.name;
                        statements(file)
                            .into_iter()
                            .map(move |statement| InFile { file: name.clone(), statement })
                    })
                    .collect();
                serde_json::to_writer_pretty(&mut *output, &all)?;
            }
            output.write_all(b"\n")?;
        }
    }
    output.flush()
}

#[cfg(test)]
mod tests;
