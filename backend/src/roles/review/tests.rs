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
    let config = folder.path().join("dbdesk.toml");
    let place = place(&args, Some(config.as_path()).filter(|path| path.exists()), &BTreeMap::new());
    let end = answer(&args, place, input, &mut output, &mut errors);
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
    assert_eq!(output.matches("unknown-table").count(), 1, "the view is there: {errors}{output}");
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

const CONFIG: (&str, &[u8]) = (
    "dbdesk.toml",
    b"[store]\npassword_file = \"nobody may read this\"\n[review.rules]\ntable-without-comment = \"off\"\n\
      [review.environment.production.rules]\ndrop-column = \"error\"\n\
      [review.group.shop.limits]\nindexes_per_table = 9\n[review.group.shop.rules]\ndrop-column = \"notice\"\n",
);

#[test]
fn the_list_of_rules_tells_level_origin_thresholds_and_title_of_each() {
    let shop = ["--rules", "--environment", "production", "--group", "shop"];
    let (end, output, errors) = dbdesk_review(&shop, b"", &[CONFIG]);
    assert_eq!((end, errors.as_str()), (0, ""));
    let head = "as in force for the service group shop (environment production); measure ";
    assert!(output.contains(head), "{output}");
    // The whole list grows with each rule; these lines stand for it.
    let about = |output: &str| -> String {
        let wanted = ["drop-column ", "table-without-comment ", "too-many-indexes ", "indexes_per_table"];
        let lines = output.lines().filter(|line| wanted.iter().any(|word| line.contains(word)));
        lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ") + "\n").collect()
    };
    let (_, zh, _) =
        dbdesk_review(&["--rules", "--environment", "production", "--lang", "zh-CN"], b"", &[CONFIG]);
    insta::assert_snapshot!("rules_list", format!("{}──\n{}", about(&output), about(&zh)));
    let sections: Vec<&str> = output.lines().filter(|line| line.contains("): ")).collect();
    let sections = sections.into_iter().filter(|line| !line.starts_with(' ')).count();
    assert_eq!(sections, 5, "a section for each level: {output}");

    let json = [&shop[..], &["--format", "json"]].concat();
    let (_, output, _) = dbdesk_review(&json, b"", &[CONFIG]);
    let page: dbdesk_commands::wire::rule::RulePage = serde_json::from_str(&output).expect("JSON");
    assert_eq!(page.rules.len(), dbdesk_review::rules::ALL.len());
    let column = page.rules.iter().find(|rule| rule.id == "drop-column").expect("a rule");
    insta::assert_snapshot!("rule_json", serde_json::to_string_pretty(column).expect("JSON"));
}

#[test]
fn a_rule_is_explained_in_the_asked_language() {
    let (end, output, _) = dbdesk_review(&["--rule", "delete-without-where"], b"", &[]);
    assert_eq!(end, 0);
    let shop =
        ["--rule", "too-many-indexes", "--group", "shop", "--environment", "staging", "--lang", "zh-CN"];
    let (_, zh, note) = dbdesk_review(&shop, b"", &[CONFIG]);
    assert!(note.contains("没有针对环境“staging”的规则设置"), "{note}");
    insta::assert_snapshot!("rule_page", format!("{output}────\n{zh}"));
    let (end, _, told) = dbdesk_review(&["--rule", "delete-without-were"], b"", &[]);
    assert_eq!(end, 2);
    assert!(told.contains("Did you mean `delete-without-where`"), "{told}");
}

#[test]
fn files_are_judged_by_the_rules_of_the_place_that_is_named() {
    let drop: &[u8] = b"ALTER TABLE t DROP COLUMN a;";
    let end = |line: &[&str]| dbdesk_review(line, drop, &[CONFIG]).0;
    assert_eq!(end(&["--environment", "production", "--group", "shop", "-"]), 0, "a notice passes");
    let (end, output, _) = dbdesk_review(&["--environment", "production", "-"], drop, &[CONFIG]);
    assert!(end == 1 && output.contains("error[drop-column]"), "{output}");
    let table: &[u8] = b"CREATE TABLE t (id int PRIMARY KEY);";
    assert!(dbdesk_review(&["-"], table, &[]).1.contains("table-without-comment"));
    assert!(!dbdesk_review(&["-"], table, &[CONFIG]).1.contains("table-without-comment"));
}

#[test]
fn a_wrong_setting_and_an_inventory_that_does_not_answer_are_told_with_what_to_do() {
    let wrong: (&str, &[u8]) = ("dbdesk.toml", b"[review.rules]\nsyntax-error = \"off\"\n");
    let (end, _, told) = dbdesk_review(&["--rules"], b"", &[wrong]);
    assert!(end == 2 && told.contains("`review.rules.syntax-error`: this rule can not be less"), "{told}");
    let away: (&str, &[u8]) = ("dbdesk.toml", b"[store]\nport = 1\nacquire_timeout_ms = 200\n");
    let (end, _, told) = dbdesk_review(&["--rules", "--group", "shop"], b"", &[away]);
    assert!(end == 2 && told.contains("Name the group's environment as well (--environment)"), "{told}");
    for line in [&["--rules", "a.sql"][..], &["--rules", "--rule", "x"], &["--rule", "x", "a.sql"]] {
        let words = std::iter::once("review").chain(line.iter().copied());
        assert!(Line::try_parse_from(words).is_err(), "{line:?}");
    }
}

#[test]
fn what_is_certain_is_mended_on_request() {
    let sql = "-- 列表\nALTER TABLE orders ADD INDEX by_user (user_id);\nDELETE FROM orders;\n";
    let files: &[(&str, &[u8])] = &[("a.sql", sql.as_bytes())];
    let (end, output, errors) = dbdesk_review(&["--fix", "a.sql"], b"", files);
    assert_eq!(output, sql.replace("by_user", "`idx_user_id`"), "only the text, whole");
    assert!(errors.contains("delete-without-where") && !errors.contains("index-name"), "{errors}");
    assert_eq!(end, 1, "what is left blocks");

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.sql");
    std::fs::write(&path, sql).expect("a file");
    let (_, output, _) = dbdesk_review(&["--fix", "--in-place", &path.display().to_string()], b"", &[]);
    assert!(output.contains("delete-without-where"), "{output}");
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), sql.replace("by_user", "`idx_user_id`"));
    assert!(Line::try_parse_from(["review", "--in-place", "-"]).is_err(), "in place of what?");
}

#[test]
fn a_range_of_numbered_tables_is_reviewed_whole_and_mended_where_it_is_written() {
    let sql = "-- 分表\nALTER TABLE orders_{00..63} ADD INDEX (user_id);\n";
    let files: &[(&str, &[u8])] = &[("a.sql", sql.as_bytes())];
    let (_, output, errors) = dbdesk_review(&["a.sql"], b"", files);
    assert!(output.contains("64 statements") && output.contains("--> a.sql:2:33"), "{output}{errors}");
    let (_, output, _) = dbdesk_review(&["--fix", "a.sql"], b"", files);
    assert_eq!(output, sql.replace("INDEX (", "INDEX `idx_user_id` ("));
    let wrong: &[(&str, &[u8])] = &[("b.sql", b"SELECT 1;\nDROP TABLE t_{9..0};")];
    let (end, _, told) = dbdesk_review(&["b.sql"], b"", wrong);
    assert!(end == 2 && told.contains("b.sql: Line 2, column 14: the range {9..0} counts down"), "{told}");
}
