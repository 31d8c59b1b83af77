use super::*;
use std::{collections::BTreeSet, os::unix::fs::OpenOptionsExt as _};

const EXAMPLE: &str = include_str!("../../../dbdesk.example.toml");

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dbdesk.toml");
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn told(text: &str) -> String {
    let (_folder, path) = file(text);
    let told = format!("{:#}", load(Some(&path), &BTreeMap::new()).unwrap_err());
    told.replace(&path.parent().unwrap().display().to_string(), "/etc")
}

fn keys(value: &serde_json::Value, at: &str, found: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(map) => {
            for (key, value) in map {
                let at = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
                found.insert(at.clone());
                keys(value, &at, found);
            }
        }
        serde_json::Value::Array(list) => list.iter().for_each(|value| keys(value, at, found)),
        _ => {}
    }
}

#[test]
fn the_example_shows_every_key_that_there_is() {
    // What is commented out as `#key = value` counts as shown; comments in words begin with `# `.
    let shown: String = EXAMPLE
        .lines()
        .map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line))
        .flat_map(|line| [line, "\n"])
        .collect();
    let raw: serde_json::Value = toml::from_str(&shown).unwrap();
    let config: Config = toml::from_str(&shown).unwrap();
    let (mut there, mut wanted) = (BTreeSet::new(), BTreeSet::new());
    keys(&raw, "", &mut there);
    keys(&serde_json::to_value(&config).unwrap(), "", &mut wanted);
    let missing: Vec<_> = wanted.difference(&there).collect();
    assert!(missing.is_empty(), "dbdesk.example.toml does not show {missing:?}");
    for secret in [
        "STORE__PASSWORD",
        "REDIS__PASSWORD",
        "TARGET__REVIEW_PASSWORD",
        "TARGET__RUN_PASSWORD",
        "TARGET__ACCOUNT_PASSWORD",
        "BACKUP__SECRET_KEY",
        "BACKUP__OLD_SECRET_KEYS",
        "BACKUP__S3__SECRET_KEY",
    ] {
        assert!(EXAMPLE.contains(&format!("DBDESK__{secret}")), "{secret} is not described");
    }
}

#[test]
fn the_example_as_it_stands_is_what_the_program_does_by_itself() {
    let mut example: Config = toml::from_str(EXAMPLE).unwrap();
    let default = Config::default();
    example.store.password_file = None;
    example.redis.password_file = None;
    example.target.review_password_file = None;
    example.target.run_password_file = None;
    example.target.account_password_file = None;
    example.target.cluster_password_file = None;
    example.target.replication_password_file = None;
    assert_eq!(serde_json::to_value(example).unwrap(), serde_json::to_value(default).unwrap());
}

#[test]
fn the_environment_stands_over_the_file_and_a_secret_is_taken_as_it_is() {
    let (_folder, path) = file("[store]\nport = 1\nuser = \"file\"\n");
    let environment = environment(&[
        ("DBDESK__STORE__PORT", "3307"),
        ("DBDESK__STORE__PASSWORD", "0042"),
        ("DBDESK__TARGET__GROUP__SHOP__RUN_PASSWORD", "shop"),
        ("DBDESK_CONFIG", "ignored"),
    ]);
    let config = load(Some(&path), &environment).unwrap().config;
    assert_eq!((config.store.port, config.store.user.as_str()), (3307, "file"));
    assert_eq!(config.store.password.expose(), "0042");
    assert_eq!(config.target.run_account("shop").password.expose(), "shop");
    assert_eq!(config.target.run_account("other").password.expose(), "");
    assert!(!format!("{config:?}").contains("0042"));
    assert!(!serde_json::to_string(&config).unwrap().contains("0042"));
}

#[test]
fn a_secrets_file_is_read_beside_the_configuration_and_one_that_all_may_read_is_told() {
    let (folder, path) = file("[store]\npassword_file = \"secret\"\n");
    let secret = folder.path().join("secret");
    let options = |mode| fs::OpenOptions::new().create(true).truncate(true).write(true).mode(mode).clone();
    std::io::Write::write_all(&mut options(0o600).open(&secret).unwrap(), b"hush\n").unwrap();
    let loaded = load(Some(&path), &BTreeMap::new()).unwrap();
    assert_eq!(loaded.config.store.password.expose(), "hush");
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(load(Some(&path), &BTreeMap::new()).unwrap().warnings.len(), 1);
}

#[test]
fn what_is_wrong_is_told_with_its_key_and_how_to_mend_it() {
    let told = [
        told("[store]\nprot = 1\n"),
        told("[stroe]\nport = 1\n"),
        told("[store]\nport = \"many\"\n"),
        told("[store]\npassword = \"hush\"\n"),
        told("[target.group.shop]\nrun_password = \"hush\"\n"),
        told("[store]\npassword_file = \"nowhere\"\n"),
        told("[log]\nformat = \"xml\"\n"),
        told("[[person]]\nname = \"ann\"\nroles = [\"king\"]\n"),
        told("store = 1 1\n"),
    ];
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_rule_a_level_or_a_threshold_that_can_not_be_taken_is_told_all_at_once() {
    let told = told(
        "[review.rules]\ndelete-without-were = \"off\"\ndrop-table = \"loud\"\nnot-analysable = \"off\"\n\
         [review.limits]\nname_chars = 200\n\
         [review.environment.production.limits]\naffected_row = 10\naffected_rows = 0\n\
         [review.group.shop.rules]\nexecutable-comment = \"warning\"\n",
    );
    insta::assert_snapshot!(told);
}

#[test]
fn the_review_is_read_without_the_secrets_beside_it() {
    let (_folder, path) =
        file("[store]\npassword_file = \"nowhere\"\n[review.rules]\ndrop-column = \"error\"\n");
    assert!(load(Some(&path), &BTreeMap::new()).is_err());
    let over = environment(&[("DBDESK__REVIEW__GROUP__SHOP__LIMITS__AFFECTED_ROWS", "7")]);
    let review = review_only(Some(&path), &over).unwrap();
    assert_eq!(review.rules["drop-column"], "error");
    assert_eq!(review.in_force(None, Some("shop")).settings().limits.affected_rows, 7);
}

#[test]
fn keys_that_sealed_before_come_from_files_or_from_the_environment() {
    let (folder, path) =
        file("[backup]\nsecret_key_file = \"new\"\nold_secret_key_files = [\"old\", \"older\"]\n");
    for (name, digits) in [("new", "01"), ("old", "02"), ("older", "03")] {
        fs::write(folder.path().join(name), format!("{}\n", digits.repeat(32))).unwrap();
    }
    let names = |environment: &BTreeMap<String, String>| {
        let config = load(Some(&path), environment).unwrap().config;
        let shown = format!("{config:?}{}", serde_json::to_string(&config).unwrap());
        assert!(!shown.contains("0202"), "{shown}");
        let keys = config.backup.keys().unwrap();
        keys.all().map(|key| key.name().to_owned()).collect::<Vec<_>>()
    };
    let name = |digits: &str| dbdesk_undo::sealed::Key::of_hex(&digits.repeat(32)).unwrap().name().to_owned();
    assert_eq!(names(&BTreeMap::new()), ["01", "02", "03"].map(name));
    let over = format!("{}, {}", "04".repeat(32), "05".repeat(32));
    let over = environment(&[("DBDESK__BACKUP__OLD_SECRET_KEYS", &over)]);
    assert_eq!(names(&over), ["01", "04", "05"].map(name));
}

#[test]
fn what_is_wrong_with_keys_and_the_bucket_is_told() {
    let bucket = "[backup.s3]\nendpoint = \"https://s3.example.com\"\nbucket = \"backups\"\naccess_key_id = \"AKIA\"\n";
    let told = [
        told("[backup]\nold_secret_keys = \"hush\"\n"),
        told("[backup]\nold_secret_key_files = [\"nowhere\"]\n"),
        told("[backup]\nkeep_in = \"s3\"\n"),
        told("[backup]\nkeep_in = \"tape\"\n"),
        told("[backup.s3]\nbucket = \"Backups\"\nprefix = \"../\"\n"),
        told(&bucket.replace("https", "http")),
        told(&bucket.replace("s3.example.com", "")),
        told(bucket),
        told(&format!("{bucket}secret_key = \"hush\"\n")),
    ];
    insta::assert_snapshot!(told.join("\n"));
}
