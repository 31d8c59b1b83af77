//! A group as a picture (SVG): its layers from the names that applications know down to the servers, with state and lag. Pure; drawn by others.

use dbdesk_cmdb::{InstanceState, Purpose, ServiceGroup};
use dbdesk_commands::wire::group::{InstanceLive, InstanceRole};
use std::fmt::Write as _;

/// A box's width and height.
const BOX: (usize, usize) = (250, 64);
/// Between two boxes, and between two layers.
const GAP: (usize, usize) = (24, 56);
/// Around it all.
const EDGE: usize = 24;
/// Beside the layers, for what they are called.
const SIDE: usize = 96;
/// Most boxes of one layer; the rest is counted.
const ACROSS: usize = 8;
/// Lag from which a replica is yellow, and red.
const LAGS_MS: [u64; 2] = [1_000, 10_000];
/// Characters that fit into a box.
const FITS: usize = 30;

const GREEN: &str = "#2e9e5b";
const YELLOW: &str = "#d19a21";
const RED: &str = "#d0453e";
const GREY: &str = "#7c8590";
const BLUE: &str = "#4f7fd6";

/// What a server said, as far as the picture shows it.
#[derive(Debug, Clone, Copy)]
pub enum Said<'a> {
    /// Nobody asked: what would be.
    Planned,
    /// It answered.
    Live(&'a InstanceLive),
    /// It did not.
    Away,
}

struct Cell {
    title: String,
    lines: [String; 2],
    colour: &'static str,
    /// Said on the edge that leads to it.
    edge: String,
    /// Which boxes of the layer above lead to it.
    from: Vec<usize>,
}

/// The picture; `said`: what the servers said, in the order of the group's instances.
#[must_use]
pub fn svg(group: &ServiceGroup, said: &[Said<'_>]) -> String {
    let layers: Vec<(&str, Vec<Cell>)> = [
        ("DNS", names(group)),
        ("VIP", vips(group)),
        ("proxy", proxies(group)),
        ("primary", servers(group, said, InstanceRole::Primary)),
        ("replicas", servers(group, said, InstanceRole::Replica)),
    ]
    .into_iter()
    .filter(|(_, cells)| !cells.is_empty())
    .collect();
    let across = layers.iter().map(|(_, cells)| cells.len()).max().unwrap_or(1).max(1);
    let inner = across * BOX.0 + (across - 1) * GAP.0;
    let (width, height) = (
        SIDE + inner + 2 * EDGE,
        40 + layers.len() * (BOX.1 + GAP.1) - GAP.1.min(layers.len() * GAP.1) + 2 * EDGE,
    );
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\"><rect width=\"100%\" height=\"100%\" fill=\"#1e2227\"/>"
    );
    let title = format!("{} · {} · {}", group.name, group.environment, group.flavour);
    text(&mut out, (EDGE, EDGE + 12), (18, "#ffffff"), &title);
    let at = |layer: usize, cell: usize, of: usize| {
        let used = of * BOX.0 + (of - 1) * GAP.0;
        (EDGE + SIDE + (inner - used) / 2 + cell * (BOX.0 + GAP.0), EDGE + 40 + layer * (BOX.1 + GAP.1))
    };
    for (row, (name, cells)) in layers.iter().enumerate() {
        let y = at(row, 0, 1).1;
        text(&mut out, (EDGE, y + BOX.1 / 2 + 5), (14, "#aab2bd"), name);
        for (column, cell) in cells.iter().enumerate() {
            let here = at(row, column, cells.len());
            if let Some((_, above)) = row.checked_sub(1).and_then(|above| layers.get(above)) {
                for from in &cell.from {
                    edge(&mut out, at(row - 1, (*from).min(above.len() - 1), above.len()), here, cell);
                }
            }
            draw(&mut out, here, cell);
        }
    }
    out.push_str("</svg>");
    out
}

fn edge(out: &mut String, above: (usize, usize), here: (usize, usize), cell: &Cell) {
    let (x1, y1, x2, y2) = (above.0 + BOX.0 / 2, above.1 + BOX.1, here.0 + BOX.0 / 2, here.1);
    let _ = write!(
        out,
        "<line x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\" stroke=\"{}\" stroke-width=\"2\"/>",
        cell.colour
    );
    if !cell.edge.is_empty() {
        // On the side that the line does not come from.
        let x = if x2 < x1 { x2.saturating_sub(8 + 7 * cell.edge.chars().count()) } else { x2 + 8 };
        text(out, (x, y2 - 10), (13, cell.colour), &cell.edge);
    }
}

fn draw(out: &mut String, (x, y): (usize, usize), cell: &Cell) {
    let (width, height) = BOX;
    let _ = write!(
        out,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"#2a3038\" stroke=\"{}\" stroke-width=\"2\"/>",
        cell.colour
    );
    text(out, (x + 12, y + 21), (15, "#ffffff"), &cell.title);
    for (line, down) in cell.lines.iter().zip([39, 55]) {
        text(out, (x + 12, y + down), (13, "#c3cad3"), line);
    }
}

fn text(out: &mut String, (x, y): (usize, usize), (size, colour): (usize, &str), said: &str) {
    let _ = write!(out, "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{colour}\">");
    let mut chars = said.chars();
    for c in chars.by_ref().take(FITS * 3).collect::<Vec<_>>() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            // XML has no such characters, escaped or not.
            c if c.is_control() => out.push('·'),
            c => out.push(c),
        }
    }
    out.push_str("</text>");
}

fn cut(text: &str) -> String {
    if text.chars().count() <= FITS {
        return text.to_owned();
    }
    text.chars().take(FITS - 1).chain(['…']).collect()
}

/// At most [`ACROSS`]; the last says how many more there are.
fn bounded(mut cells: Vec<Cell>) -> Vec<Cell> {
    if cells.len() > ACROSS {
        let more = cells.len() - (ACROSS - 1);
        cells.truncate(ACROSS - 1);
        let from = cells.last().map(|cell| cell.from.clone()).unwrap_or_default();
        let lines = [String::new(), String::new()];
        cells.push(Cell {
            title: format!("… and {more} more"),
            lines,
            colour: GREY,
            edge: String::new(),
            from,
        });
    }
    cells
}

fn word(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Write => "writes",
        Purpose::Read => "reads",
    }
}

fn names(group: &ServiceGroup) -> Vec<Cell> {
    let cell = |dns: &dbdesk_cmdb::DnsName| Cell {
        title: cut(&dns.name),
        lines: [word(dns.purpose).to_owned(), format!("TTL {} s", dns.ttl_s)],
        colour: BLUE,
        edge: String::new(),
        from: Vec::new(),
    };
    bounded(group.names.iter().map(cell).collect())
}

fn vips(group: &ServiceGroup) -> Vec<Cell> {
    let cell = |vip: &dbdesk_cmdb::Vip| Cell {
        title: cut(&vip.to_string()),
        lines: [word(vip.purpose).to_owned(), cut(&format!("{} on {}", vip.interface, vip.hosts.join(", ")))],
        colour: BLUE,
        edge: String::new(),
        from: leading(group.names.iter().map(|dns| dns.purpose), vip.purpose),
    };
    bounded(group.vips.iter().map(cell).collect())
}

fn proxies(group: &ServiceGroup) -> Vec<Cell> {
    let above: Vec<Purpose> = if group.vips.is_empty() {
        group.names.iter().map(|dns| dns.purpose).collect()
    } else {
        group.vips.iter().map(|vip| vip.purpose).collect()
    };
    let cell = |proxy: &dbdesk_cmdb::Proxy| {
        let reads = proxy.read_port.map_or_else(String::new, |port| format!(" · reads {port}"));
        Cell {
            title: cut(&proxy.host),
            lines: [proxy.kind.word().to_owned(), format!("writes {}{reads}", proxy.write_port)],
            colour: BLUE,
            edge: String::new(),
            from: (0..above.len().min(ACROSS)).collect(),
        }
    };
    bounded(group.proxies.iter().map(cell).collect())
}

/// The places of those above that lead to the same.
fn leading(above: impl Iterator<Item = Purpose>, to: Purpose) -> Vec<usize> {
    above.enumerate().filter(|(at, purpose)| *purpose == to && *at < ACROSS).map(|(at, _)| at).collect()
}

fn servers(group: &ServiceGroup, said: &[Said<'_>], role: InstanceRole) -> Vec<Cell> {
    let above = if role == InstanceRole::Replica {
        1
    } else if !group.proxies.is_empty() {
        group.proxies.len()
    } else if group.vips.is_empty() {
        group.names.len()
    } else {
        group.vips.len()
    };
    let cell = |(at, instance): (usize, &dbdesk_cmdb::Instance)| {
        let said = said.get(at).copied().unwrap_or(Said::Planned);
        let (line, colour, edge) = state(said, role);
        let used = match instance.state {
            InstanceState::InService => String::new(),
            state => format!("{} · ", state.word().replace('_', " ")),
        };
        let version = if let Said::Live(live) = said { cut(&live.version) } else { String::new() };
        Cell {
            title: cut(&instance.to_string()),
            lines: [cut(&format!("{used}{line}")), version],
            colour,
            edge,
            from: (0..above.min(ACROSS)).collect(),
        }
    };
    let of_role = group.instances.iter().enumerate().filter(|(_, instance)| instance.role == role);
    bounded(of_role.map(cell).collect())
}

fn state(said: Said<'_>, role: InstanceRole) -> (String, &'static str, String) {
    let live = match said {
        Said::Planned => return ("planned".to_owned(), GREY, String::new()),
        Said::Away => return ("does not answer".to_owned(), RED, String::new()),
        Said::Live(live) => live,
    };
    let is_primary = role == InstanceRole::Primary;
    if live.read_only == is_primary {
        let wrong = if is_primary { "read-only!" } else { "takes writes!" };
        return (wrong.to_owned(), RED, String::new());
    }
    if is_primary {
        return ("takes writes".to_owned(), GREEN, String::new());
    }
    match (live.replicating, live.lag_ms) {
        (Some(true), Some(lag_ms)) => {
            let colour = match lag_ms {
                lag if lag >= LAGS_MS[1] => RED,
                lag if lag >= LAGS_MS[0] => YELLOW,
                _ => GREEN,
            };
            ("follows".to_owned(), colour, format!("{} s", lag_ms / 1_000))
        }
        (Some(false), _) => ("does not follow".to_owned(), RED, String::new()),
        _ => ("lag is not known".to_owned(), YELLOW, String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dbdesk_cmdb::inventory;
    use proptest::prelude::*;

    const SHOP: &str = r#"
[[group]]
name = "shop"
environment = "production"
flavour = "mariadb-10.11"
time_zone = "UTC"
databases = ["shop"]
[[group.instance]]
host = "10.0.0.1"
port = 3306
role = "primary"
[[group.instance]]
host = "10.0.0.2"
port = 3306
role = "replica"
[[group.instance]]
host = "10.0.0.3"
port = 3306
role = "replica"
state = "drained"
[[group.proxy]]
host = "10.0.0.9"
kind = "haproxy"
admin = "10.0.0.9:9999"
write_port = 3306
read_port = 3307
[[group.vip]]
address = "10.0.1.1"
prefix_bits = 24
interface = "eth0"
hosts = ["10.0.0.9"]
[[group.name_in_dns]]
name = "shop.db.example"
zone = "db.example"
ttl_s = 5
"#;

    fn shop() -> ServiceGroup {
        inventory::read(SHOP).unwrap().groups.remove(0)
    }

    fn live(read_only: bool, lag_ms: Option<u64>) -> InstanceLive {
        InstanceLive {
            version: "10.11.6-MariaDB".to_owned(),
            read_only,
            gtid: String::new(),
            lag_ms,
            replicating: lag_ms.map(|_| true),
            server_id: 1,
            may_look: true,
            source: None,
            semi_sync: None,
            trouble: None,
        }
    }

    #[test]
    fn each_layer_is_drawn_with_what_the_servers_said() {
        let (primary, replica) = (live(false, None), live(true, Some(12_000)));
        let drawn = svg(&shop(), &[Said::Live(&primary), Said::Live(&replica), Said::Away]);
        insta::assert_snapshot!(drawn.replace("><", ">\n<"));
    }

    proptest! {
        #[test]
        fn no_name_breaks_out_of_the_picture(name in "\\PC{0,40}", version in any::<String>(), many in 0_usize..30) {
            let mut group = shop();
            group.name = name;
            let replica = group.instances[1].clone();
            group.instances.extend((0..many).map(|_| replica.clone()));
            let said = InstanceLive { version, ..live(true, Some(0)) };
            let all = vec![Said::Live(&said); group.instances.len()];
            let drawn = svg(&group, &all);
            prop_assert!(!drawn.chars().any(char::is_control));
            prop_assert_eq!(drawn.matches("<text").count(), drawn.matches("</text>").count());
            prop_assert!(drawn.matches('<').count() == drawn.matches('>').count());
        }
    }
}
