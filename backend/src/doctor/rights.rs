//! What an account may do, read from `SHOW GRANTS`. Pure.

/// The rights of `wanted` that no line of `grants` gives for `database`. Words as the server writes them, upper case.
pub(super) fn missing<'a>(grants: &[String], database: &str, wanted: &[&'a str]) -> Vec<&'a str> {
    wanted.iter().filter(|right| !grants.iter().any(|grant| gives(grant, database, right))).copied().collect()
}

/// The lines of `grants` that give something outside databases whose names begin with `prefix`.
pub(super) fn beyond<'a>(grants: &'a [String], prefix: &str) -> Vec<&'a str> {
    let inside = |grant: &str| {
        let Some((rights, rest)) = grant.strip_prefix("GRANT ").and_then(|rest| rest.split_once(" ON "))
        else {
            return false;
        };
        let scope = rest.split(" TO ").next().unwrap_or_default().trim_start_matches('`').replace("\\_", "_");
        let can_grant = rest.contains(" WITH GRANT OPTION");
        !can_grant && (rights == "USAGE" || scope.starts_with(prefix))
    };
    grants.iter().map(String::as_str).filter(|grant| !inside(grant)).collect()
}

/// `GRANT SELECT, INSERT ON `shop`.* TO …`: whether this line gives `right` there. Rights on single tables do not count.
fn gives(grant: &str, database: &str, right: &str) -> bool {
    let Some((rights, rest)) = grant.strip_prefix("GRANT ").and_then(|rest| rest.split_once(" ON ")) else {
        return false;
    };
    let Some(scope) = rest.split(" TO ").next() else { return false };
    let here = match scope.strip_suffix(".*") {
        Some("*") => true,
        Some(name) => matches(&name.trim_matches('`').replace("``", "`"), database),
        None => false,
    };
    here && rights.split(',').map(str::trim).any(|given| given == right || given == "ALL PRIVILEGES")
}

/// Whether `right` is given on each of these tables of `database`, one by one.
pub(super) fn on_each(grants: &[String], database: &str, tables: &[String], right: &str) -> bool {
    let on = |grant: &String, table: &String| {
        let Some((rights, rest)) = grant.strip_prefix("GRANT ").and_then(|rest| rest.split_once(" ON "))
        else {
            return false;
        };
        let scope = rest.split(" TO ").next().unwrap_or_default();
        scope == format!("`{database}`.`{table}`") && rights.split(',').any(|given| given.trim() == right)
    };
    !tables.is_empty() && tables.iter().all(|table| grants.iter().any(|grant| on(grant, table)))
}

/// In a grant, `\_` is an underscore and `_` and `%` stand for anything; only a pattern at the end is looked at closely.
fn matches(pattern: &str, database: &str) -> bool {
    let plain = pattern.replace("\\_", "_").replace("\\%", "%");
    plain == database
        || plain.strip_suffix('%').is_some_and(|head| !head.contains('%') && database.starts_with(head))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_count_where_they_are_given_for_the_database_or_for_all() {
        let grants = [
            "GRANT USAGE ON *.* TO `run`@`127.0.0.1`".to_owned(),
            "GRANT SELECT, INSERT, UPDATE ON `shop`.* TO `run`@`127.0.0.1`".to_owned(),
            "GRANT DELETE ON `shop`.`orders` TO `run`@`127.0.0.1`".to_owned(),
            "GRANT ALTER ON `shop\\_archive`.* TO `run`@`127.0.0.1`".to_owned(),
            "GRANT CREATE ON `sh%`.* TO `run`@`127.0.0.1`".to_owned(),
        ];
        assert_eq!(
            missing(&grants, "shop", &["SELECT", "UPDATE", "DELETE", "CREATE", "ALTER"]),
            ["DELETE", "ALTER"]
        );
        assert_eq!(missing(&grants, "shop_archive", &["ALTER", "SELECT"]), ["SELECT"]);
        let all = ["GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION".to_owned()];
        assert!(missing(&all, "any", &["SELECT", "PROCESS"]).is_empty());
    }

    #[test]
    fn rights_on_single_tables_count_where_they_are_given_on_each() {
        let grants = [
            "GRANT SELECT, INSERT ON `dbdesk`.* TO `desk`@`%`".to_owned(),
            "GRANT UPDATE, DELETE ON `dbdesk`.`ticket` TO `desk`@`%`".to_owned(),
            "GRANT UPDATE ON `dbdesk`.`task` TO `desk`@`%`".to_owned(),
        ];
        let tables = ["ticket".to_owned(), "task".to_owned()];
        assert!(on_each(&grants, "dbdesk", &tables, "UPDATE"));
        assert!(
            !on_each(&grants, "dbdesk", &tables, "DELETE") && !on_each(&grants, "other", &tables, "UPDATE")
        );
        assert!(!on_each(&grants, "dbdesk", &[], "UPDATE"), "where nothing is known");
    }

    #[test]
    fn rights_beyond_a_prefix_are_told() {
        let grants = [
            "GRANT USAGE ON *.* TO `shadow`@`127.0.0.1`".to_owned(),
            "GRANT SELECT, CREATE ON `dbdesk\\_shadow\\_%`.* TO `shadow`@`127.0.0.1`".to_owned(),
            "GRANT SELECT ON `shop`.* TO `shadow`@`127.0.0.1`".to_owned(),
            "GRANT FILE ON *.* TO `shadow`@`127.0.0.1`".to_owned(),
            "GRANT `admin`@`%` TO `shadow`@`127.0.0.1`".to_owned(),
        ];
        let beyond = beyond(&grants, "dbdesk_shadow_");
        assert_eq!(beyond, grants.iter().skip(2).map(String::as_str).collect::<Vec<_>>());
        assert!(missing(&grants, "dbdesk_shadow_1", &["SELECT", "CREATE"]).is_empty());
    }
}
