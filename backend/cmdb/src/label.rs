//! Labels bind work to machines that can reach its servers: a machine takes the work of a service group if it has all of the
//! group's labels. What a group's labels make together is the name of its queue.

/// Most labels of a group: its network zone, and one of its own.
pub const GROUP_LABELS: usize = 2;
/// Most labels of a machine. It listens to the queue of each choice of [`GROUP_LABELS`] of them.
pub const MACHINE_LABELS: usize = 8;
/// Longest label.
pub const LABEL_CHARS: usize = 32;

const BETWEEN: &str = "+";

/// The queue of a group with these labels; empty without any: every machine takes that.
#[must_use]
pub fn queue(labels: &[String]) -> String {
    let mut labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    labels.sort_unstable();
    labels.dedup();
    labels.join(BETWEEN)
}

/// The labels that make this queue.
#[must_use]
pub fn labels(queue: &str) -> Vec<String> {
    queue.split(BETWEEN).filter(|label| !label.is_empty()).map(str::to_owned).collect()
}

/// Every queue that a machine with these labels serves.
#[must_use]
pub fn queues(labels: &[String]) -> Vec<String> {
    let mut queues = vec![String::new()];
    for (at, one) in labels.iter().enumerate() {
        queues.push(queue(std::slice::from_ref(one)));
        queues.extend(labels.iter().skip(at + 1).map(|two| queue(&[one.clone(), two.clone()])));
    }
    queues.sort_unstable();
    queues.dedup();
    queues
}

/// Whether this may be a label: lower case letters, digits, `-` and `_`.
#[must_use]
pub fn is_label(text: &str) -> bool {
    (1..=LABEL_CHARS).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_machine_serves_each_group_whose_labels_it_has() {
        assert_eq!(queues(&[]), [""]);
        assert_eq!(queues(&of(&["north", "audit"])), ["", "audit", "audit+north", "north"]);
        assert_eq!(queue(&of(&["north", "audit"])), "audit+north");
        assert_eq!(labels("audit+north"), ["audit", "north"]);
        assert!(labels("").is_empty());
    }

    proptest! {
        #[test]
        fn a_queue_is_served_exactly_by_machines_with_all_its_labels(
            group in proptest::collection::vec("[a-d]", 0..=GROUP_LABELS),
            machine in proptest::collection::vec("[a-e]", 0..=MACHINE_LABELS),
        ) {
            let has_all = group.iter().all(|label| machine.contains(label));
            prop_assert_eq!(queues(&machine).contains(&queue(&group)), has_all);
            prop_assert!(queues(&machine).len() <= 1 + MACHINE_LABELS * (MACHINE_LABELS + 1) / 2);
        }
    }
}
