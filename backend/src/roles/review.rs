//! `dbdesk review`: reviews files offline, without a server and without configuration. Ends with 0 when nothing blocks,
//! 1 when something does, 2 when a file could not be reviewed.

use clap::{Args, ValueEnum};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::review::{MAX_SQL_BYTES, StatementReview},
};
use dbdesk_review::{Facts, Flavour, Judged, Settings, print};
use serde::Serialize;
use std::{
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Findings block.
const BLOCKED: u8 = 1;
/// A file could not be reviewed.
const COULD_NOT_RUN: u8 = 2;

/// `dbdesk review [--schema FILE] [--flavour NAME] [--format text|json] [--lang en|zh-CN] FILE…`
#[derive(Debug, Args)]
pub struct ReviewArgs {
    /// A file of CREATE TABLEs: the tables that there are
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
    /// The server: mysql57, mysql8, mysql84, mysql9, mariadb, mariadb10.6 …
    #[arg(long, value_name = "NAME", default_value = "mysql8", value_parser = flavour)]
    flavour: Flavour,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Language of the findings
    #[arg(long, value_name = "en|zh-CN", default_value = "en", value_parser = lang)]
    lang: Lang,
    /// Files of SQL; `-` is the standard input
    #[arg(required = true, value_name = "FILE")]
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

/// Runs the role.
#[must_use]
pub fn run(args: &ReviewArgs) -> ExitCode {
    let (input, output, errors) = (io::stdin().lock(), io::stdout().lock(), io::stderr().lock());
    ExitCode::from(review(args, input, output, errors))
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

fn review(args: &ReviewArgs, mut input: impl Read, mut output: impl Write, mut errors: impl Write) -> u8 {
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
    let settings = Settings { flavour: args.flavour, ..Settings::default() };
    let mut reviewed = Vec::new();
    for path in &args.files {
        match one(path, &mut input, &facts, &settings) {
            Ok(file) => reviewed.push(file),
            Err(said) => {
                failed = true;
                complain(&said);
            }
        }
    }
    if let Err(error) = write(args, &reviewed, &mut output) {
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
    let script = dbdesk_review::read(&sql).map_err(|refusal| about(path, &refusal.said))?;
    Ok(Facts::of_schema(&script))
}

fn one(path: &Path, input: &mut impl Read, facts: &Facts, settings: &Settings) -> Result<Reviewed, Said> {
    let sql = read(path, input)?;
    let script = dbdesk_review::read(&sql).map_err(|refusal| about(path, &refusal.said))?;
    let judged = dbdesk_review::judge(&script, facts, settings);
    Ok(Reviewed { name: shown(path), sql, judged })
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
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: ReviewArgs,
    }

    /// What the command prints and how it ends, in a folder with these files.
    fn dbdesk_review(line: &[&str], input: &[u8], files: &[(&str, &[u8])]) -> (u8, String, String) {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, bytes) in files {
            std::fs::write(folder.path().join(name), bytes).expect("a file");
        }
        let named = |word: &&str| {
            let is_file = files.iter().any(|(name, _)| name == word) || word.starts_with("no-");
            if is_file { folder.path().join(word).display().to_string() } else { (*word).to_owned() }
        };
        let words = std::iter::once("review".to_owned()).chain(line.iter().map(named));
        let args = Line::try_parse_from(words).expect("arguments").args;
        let (mut output, mut errors) = (Vec::new(), Vec::new());
        let end = review(&args, input, &mut output, &mut errors);
        let here = format!("{}/", folder.path().display());
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8").replace(&here, "");
        (end, text(output), text(errors))
    }

    #[test]
    fn clean_files_end_with_0_findings_that_block_with_1() {
        let good = (0, "1 statement, no findings.\n".to_owned(), String::new());
        assert_eq!(dbdesk_review(&["-"], b"UPDATE t SET a = 1 WHERE id = 1;", &[]), good);
        let (end, output, _) = dbdesk_review(&["a.sql"], b"", &[("a.sql", b"DELETE FROM t;")]);
        assert_eq!(end, 1, "{output}");
        assert!(output.contains("--> a.sql:1:1"), "{output}");
        let warned = dbdesk_review(&["-"], b"DELETE FROM t WHERE a = 1 LIMIT 1;", &[]);
        assert_eq!(warned.0, 0, "a warning does not block: {warned:?}");
    }

    #[test]
    fn json_is_a_list_of_statements_in_the_asked_language() {
        let (end, output, _) = dbdesk_review(
            &["--format", "json", "--lang", "zh-CN", "-"],
            "SET NAMES utf8mb4;\nDELETE FROM `订单`;".as_bytes(),
            &[],
        );
        assert_eq!(end, 1);
        insta::assert_snapshot!("json_zh", output);
        let (_, output, _) = dbdesk_review(
            &["--format=json", "a.sql", "b.sql"],
            b"",
            &[("a.sql", b"UPDATE t SET a = 1 WHERE id = 1"), ("b.sql", b"SELECT 1")],
        );
        insta::assert_snapshot!("json_of_two_files", output);
    }

    #[test]
    fn a_schema_and_a_flavour_tell_what_is_known() {
        let files: &[(&str, &[u8])] = &[
            ("schema.sql", b"/*!40101 SET NAMES utf8 */;\nCREATE TABLE t (id int PRIMARY KEY, a int) /*!50100 PARTITION BY HASH (id) */;"),
            ("a.sql", b"UPDATE t SET b = 1 WHERE id = 1; UPDATE u SET b = 1 WHERE id = 1;"),
            ("m.sql", b"ALTER TABLE t ADD COLUMN IF NOT EXISTS c int;"),
        ];
        let (end, output, errors) = dbdesk_review(&["--schema", "schema.sql", "a.sql"], b"", files);
        assert_eq!((end, errors.as_str()), (1, ""));
        assert!(output.contains("unknown-column") && output.contains("unknown-table"), "{output}");
        assert_eq!(dbdesk_review(&["--flavour", "mariadb10.11", "m.sql"], b"", files).0, 0);
        assert_eq!(dbdesk_review(&["--flavour", "mysql8", "m.sql"], b"", files).0, 1);
        let (_, output, errors) =
            dbdesk_review(&["--schema", "-", "a.sql"], b"CREATE VIEW u AS SELECT 1;", files);
        assert!(errors.contains("not understood") && !output.contains("unknown-table"), "{errors}{output}");
    }

    #[test]
    fn what_can_not_be_reviewed_ends_with_2_and_says_which_file_why_and_what_to_do() {
        let big = vec![b'a'; MAX_SQL_BYTES + 1];
        let files: &[(&str, &[u8])] = &[
            ("good.sql", b"UPDATE t SET a = 1 WHERE id = 1"),
            ("latin.sql", b"UPDATE t SET a = 'caf\xe9' WHERE id = 1"),
            ("big.sql", &big),
            ("empty.sql", b"-- nothing\n"),
        ];
        let line = ["good.sql", "latin.sql", "big.sql", "empty.sql", "no-such.sql"];
        let (end, output, errors) = dbdesk_review(&line, b"", files);
        assert_eq!((end, output.as_str()), (2, "1 statement, no findings.\n"));
        insta::assert_snapshot!("could_not_run_en", errors);
        let zh: Vec<&str> = ["--lang", "zh-CN"].into_iter().chain(line).collect();
        insta::assert_snapshot!("could_not_run_zh", dbdesk_review(&zh, b"", files).2);
        assert_eq!(dbdesk_review(&["--schema", "no-such.sql", "good.sql"], b"", files).0, 2);
        assert!(Line::try_parse_from(["review"]).is_err(), "no file");
        assert!(Line::try_parse_from(["review", "--flavour", "oracle", "-"]).is_err(), "no such server");
    }
}
