//! What HAProxy answers, read strictly: a column that is missing, or a value that is none, is nonsense and not a guess.

use super::{Address, Health, ProxyError, Server, State, Weight};
use std::collections::HashMap;

/// Of servers; a pool with more is none of ours.
const MOST_SERVERS: usize = 1_000;

const FORCED_MAINT: u32 = 0x01;
const INHERITED_MAINT: u32 = 0x02 | 0x04 | 0x20;
const DRAIN: u32 = 0x08 | 0x10;

/// `show servers state BACKEND`: the backend's number, if it has servers, and these, without sessions.
pub(super) fn servers(text: &str) -> Result<(Option<u32>, Vec<Server>), ProxyError> {
    let mut lines = text.lines().filter(|line| !line.is_empty());
    if lines.next() != Some("1") {
        return Err(nonsense(text));
    }
    let header = lines.next().and_then(|line| line.strip_prefix("# ")).ok_or_else(|| nonsense(text))?;
    let columns: Vec<&str> = header.split(' ').collect();
    let (mut backend, mut servers) = (None, Vec::new());
    for line in lines {
        let (of, server) = server(&columns, line)?;
        if backend.replace(of).is_some_and(|before| before != of) || servers.len() == MOST_SERVERS {
            return Err(nonsense(line));
        }
        servers.push(server);
    }
    Ok((backend, servers))
}

fn server(columns: &[&str], line: &str) -> Result<(u32, Server), ProxyError> {
    let row = row(columns, line.split(' ').map(str::to_owned).collect()).ok_or_else(|| nonsense(line))?;
    let text = |name: &str| row.get(name).map(String::as_str).ok_or_else(|| nonsense(line));
    let number = |name: &str| text(name)?.parse::<u32>().map_err(|_| nonsense(line));
    let admin = number("srv_admin_state")?;
    let state = match admin {
        _ if admin & (FORCED_MAINT | INHERITED_MAINT) != 0 => State::Maint,
        _ if admin & DRAIN != 0 => State::Drain,
        _ => State::Ready,
    };
    let health = match (number("srv_check_state")?, number("srv_op_state")?) {
        (0, _) => Health::Unchecked,
        (_, 1 | 2) => Health::Up,
        _ => Health::Down,
    };
    let port = u16::try_from(number("srv_port")?).map_err(|_| nonsense(line))?;
    // In drain the weight is 0 for a while; what was set stands there still.
    let weight = number(if state == State::Drain { "srv_iweight" } else { "srv_uweight" })?;
    let server = Server {
        name: text("srv_name")?.parse().map_err(|_| nonsense(line))?,
        address: Address::new(text("srv_addr")?, port).map_err(|_| nonsense(line))?,
        weight: u16::try_from(weight).ok().and_then(|w| Weight::new(w).ok()).ok_or_else(|| nonsense(line))?,
        state,
        health,
        sessions: 0,
    };
    Ok((number("be_id")?, server))
}

/// `show stat NUMBER 4 -1`: connections by server. A name might be that of a frontend as well.
pub(super) fn sessions(text: &str) -> Result<HashMap<String, u32>, ProxyError> {
    let mut lines = text.lines().filter(|line| !line.is_empty());
    let header = lines.next().and_then(|line| line.strip_prefix("# ")).ok_or_else(|| nonsense(text))?;
    let columns: Vec<&str> = header.split(',').collect();
    lines
        .map(|line| {
            let mut row = csv(line).and_then(|values| row(&columns, values)).ok_or_else(|| nonsense(line))?;
            let sessions = row.get("scur").and_then(|n| n.parse().ok()).ok_or_else(|| nonsense(line))?;
            Ok((row.remove("svname").ok_or_else(|| nonsense(line))?, sessions))
        })
        .collect()
}

fn row<'a>(columns: &[&'a str], values: Vec<String>) -> Option<HashMap<&'a str, String>> {
    (columns.len() == values.len()).then(|| columns.iter().copied().zip(values).collect())
}

/// One line with quotes where a value has a comma.
fn csv(line: &str) -> Option<Vec<String>> {
    let (mut values, mut value, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                value.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => values.push(std::mem::take(&mut value)),
            c => value.push(c),
        }
    }
    values.push(value);
    (!quoted).then_some(values)
}

pub(super) fn nonsense(text: &str) -> ProxyError {
    ProxyError::Nonsense(text.trim().chars().take(200).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEADER: &str = "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_check_state srv_port\n";

    #[test]
    fn a_server_is_what_its_bits_say() {
        let text =
            format!("{HEADER}3 w 1 primary 192.0.2.1 2 0 1 1 0 3306\n3 w 2 r2 ::1 0 8 0 10 6 3307\n\n");
        let (backend, servers) = servers(&text).unwrap();
        assert_eq!(backend, Some(3));
        let told: Vec<_> = servers
            .iter()
            .map(|s| (s.name.as_str(), s.address.to_string(), s.weight.get(), s.state, s.health))
            .collect();
        assert_eq!(
            told,
            [
                ("primary", "192.0.2.1:3306".to_owned(), 1, State::Ready, Health::Unchecked),
                ("r2", "[::1]:3307".to_owned(), 10, State::Drain, Health::Down)
            ]
        );
    }

    #[test]
    fn what_lacks_a_column_or_has_one_too_many_is_nonsense() {
        for line in [
            "3 w 1 primary 192.0.2.1 2 0 1 1 0",
            "3 w 1 p 192.0.2.1 2 0 1 1 0 3306 9",
            "3 w 1 p - 2 0 1 1 0 1",
            "x w 1 p ::1 2 0 1 1 0 1",
        ] {
            assert!(servers(&format!("{HEADER}{line}\n")).is_err(), "{line}");
        }
        assert!(servers("2\n# srv_name\n").is_err());
        assert!(servers("Can't find backend.\n").is_err());
        assert!(sessions("# pxname,svname,scur,\nw,primary,x,\n").is_err());
        let told = sessions("# pxname,svname,scur,last_chk,\nw,primary,7,\"a, \"\"b\"\"\",\n").unwrap();
        assert_eq!(told["primary"], 7);
    }

    proptest! {
        #[test]
        fn nothing_that_it_may_answer_makes_us_panic(text in ".{0,200}") {
            let _ = servers(&text);
            let _ = servers(&format!("{HEADER}{text}"));
            let _ = sessions(&text);
        }
    }
}
