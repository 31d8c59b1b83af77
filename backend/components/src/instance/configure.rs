//! Options of a server are changed.

use super::{
    InstanceError, Made, Place,
    client::{Client, text},
    config,
    made::{self, made},
    make::write_config,
    owner::Owner,
    run::running,
};
use std::collections::BTreeMap;

/// "Variable … is a read only variable", "Unknown system variable", "… is a GLOBAL variable": it is for the next start.
const AT_START: [u16; 3] = [1238, 1193, 1229];

/// Writes options into its file and, where it runs and they can be, sets them; nothing: it is not set any more. Gives the names of those that
/// take effect at the next start.
///
/// # Errors
/// One that is not for tickets to set, or that the server will not have: then nothing is written.
pub async fn configure(
    place: &Place<'_>,
    becomes: &BTreeMap<String, Option<String>>,
) -> Result<Vec<String>, InstanceError> {
    let there = made(place).await?;
    for (name, value) in becomes {
        config::parameter(name, value.as_deref().unwrap_or_default())?;
    }
    let client = Client::of(place).await?;
    let mut spec = there.spec.clone();
    spec.parameters = config::changed(&spec.parameters, becomes);
    config::checked(&spec)?;
    let mut at_start = Vec::new();
    if running(place).await?.is_some() {
        for (name, value) in becomes {
            if !set(&client, name, value.as_deref()).await? {
                at_start.push(name.clone());
            }
        }
    } else {
        at_start.extend(becomes.keys().cloned());
    }
    // First the file: what the folder says is what is in it.
    write_config(&client, &spec, &Owner::of(place).await?).await?;
    made::write(place, &Made { spec, ..there }).await?;
    Ok(at_start)
}

/// Whether it could be set while it runs.
async fn set(client: &Client<'_>, name: &str, value: Option<&str>) -> Result<bool, InstanceError> {
    let variable = config::variable(name);
    let value = match value {
        None => "DEFAULT".to_owned(),
        Some(value) => literal(value),
    };
    match client.rows(&format!("SET GLOBAL `{variable}` = {value}")).await {
        Ok(_) => Ok(true),
        Err(InstanceError::Server { code, .. }) if AT_START.contains(&code) => Ok(false),
        Err(error) => Err(error),
    }
}

/// `64M` is a number in a file of options, and none in a statement.
fn literal(value: &str) -> String {
    let value = value.trim();
    let (digits, unit) = match value.char_indices().last() {
        Some((at, last)) if last.is_ascii_alphabetic() => (&value[..at], last.to_ascii_uppercase()),
        _ => (value, ' '),
    };
    let shift = match unit {
        ' ' => 0,
        'K' => 10,
        'M' => 20,
        'G' => 30,
        'T' => 40,
        _ => return text(value),
    };
    match digits.parse::<i64>() {
        Ok(number) => format!("{}", i128::from(number) << shift),
        Err(_) if digits.parse::<f64>().is_ok() && shift == 0 => digits.to_owned(),
        Err(_) => text(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_what_it_is_in_the_file() {
        assert_eq!(literal("64M"), "67108864");
        assert_eq!(literal("-1"), "-1");
        assert_eq!(literal("0.5"), "0.5");
        assert_eq!(literal("ON"), "'ON'");
        assert_eq!(literal("inf"), "'inf'");
        assert_eq!(literal("it's"), "'it''s'");
    }
}
