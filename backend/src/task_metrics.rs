//! Counters of tasks and controls for `/metrics`. What stands is read from the store at each scrape, so every `serve` says the same.
//! What happens (starts, ends, retries) is counted from the log of tickets, as far as it happened since this process first was asked:
//! of several `serve`s take one.

use dbdesk_commands::wire::task::Priority;
use dbdesk_store::{
    entry::Happened,
    standing::{Controls, Open},
};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};
use std::sync::atomic::AtomicU64;

/// Where open tasks stand.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Place {
    state: String,
    queue: String,
    priority: &'static str,
}

/// Why something waits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: String,
}

/// How something stands or ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct How {
    state: String,
}

/// What stands of tasks and controls, as one look at the store saw it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Seen {
    /// Tasks that have not ended.
    pub open: Vec<Open>,
    /// Why tasks that are due do not start.
    pub due: Vec<(String, i64)>,
    /// The controls.
    pub controls: Controls,
    /// For how long the lease that was proven longest ago was not, in milliseconds.
    pub oldest_heartbeat_ms: u64,
}

/// The counters.
pub struct TaskMetrics {
    open: Family<Place, Gauge>,
    due: Family<Reason, Gauge>,
    silent: Gauge,
    held: Gauge,
    controls: Family<How, Gauge>,
    heartbeat: Gauge<f64, AtomicU64>,
    late: Histogram,
    ran: Histogram,
    ended: Family<How, Counter>,
    retries: Counter,
}

impl TaskMetrics {
    /// Names them.
    pub(crate) fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            open: Family::default(),
            due: Family::default(),
            silent: Gauge::default(),
            held: Gauge::default(),
            controls: Family::default(),
            heartbeat: Gauge::default(),
            // 1 ms to 9 min: a task may wait for its turn.
            late: Histogram::new(exponential_buckets(0.001, 3.0, 13)),
            // 10 ms to 15 h.
            ran: Histogram::new(exponential_buckets(0.01, 3.0, 15)),
            ended: Family::default(),
            retries: Counter::default(),
        };
        let tasks = registry.sub_registry_with_prefix("tasks");
        tasks.register(
            "open",
            "Tasks that have not ended, by state, queue and priority",
            metrics.open.clone(),
        );
        tasks.register(
            "due",
            "Tasks that are due and have not started, by what they wait for",
            metrics.due.clone(),
        );
        tasks.register("silent", "Tasks whose process does not answer", metrics.silent.clone());
        tasks.register("held", "Tasks that a person keeps from starting", metrics.held.clone());
        tasks.register("ended", "Tasks that ended, by how; lost ones need a person", metrics.ended.clone());
        tasks.register("retries", "Tasks that try another one again", metrics.retries.clone());
        registry.register_with_unit(
            "task_start_lateness",
            "From the time at which a task was due until a process claimed it",
            Unit::Seconds,
            metrics.late.clone(),
        );
        registry.register_with_unit(
            "task_run",
            "From the claim of a task to its end",
            Unit::Seconds,
            metrics.ran.clone(),
        );
        registry.register_with_unit(
            "task_heartbeat_age",
            "For how long the lease that was proven longest ago was not proven",
            Unit::Seconds,
            metrics.heartbeat.clone(),
        );
        registry.register(
            "controls",
            "Controls that were seen lately, by whether they take tasks",
            metrics.controls.clone(),
        );
        metrics
    }

    /// What stands now.
    pub fn standing(&self, seen: &Seen) {
        self.open.clear();
        for row in &seen.open {
            let priority = Priority::of_rank(row.priority).unwrap_or_default().word();
            let place = Place { state: row.state.clone(), queue: row.queue.clone(), priority };
            self.open.get_or_create(&place).set(row.tasks);
        }
        self.silent.set(seen.open.iter().map(|row| row.silent).sum());
        self.held.set(seen.open.iter().filter(|row| row.state != "running").map(|row| row.held).sum());
        self.due.clear();
        for (reason, tasks) in &seen.due {
            self.due.get_or_create(&Reason { reason: reason.clone() }).set(*tasks);
        }
        for (state, controls) in [("working", seen.controls.working), ("draining", seen.controls.draining)] {
            self.controls.get_or_create(&How { state: state.to_owned() }).set(controls);
        }
        // Seconds as people read them; a millisecond more or less is no matter.
        self.heartbeat.set(std::time::Duration::from_millis(seen.oldest_heartbeat_ms).as_secs_f64());
    }

    /// Something happened to a task.
    pub fn happened(&self, what: &Happened) {
        match what {
            Happened::Started { late_ms } => self.late.observe(seconds(*late_ms)),
            Happened::Ended { state, ran_ms } => {
                self.ended.get_or_create(&How { state: state.clone() }).inc();
                if let Some(ran_ms) = ran_ms {
                    self.ran.observe(seconds(*ran_ms));
                }
            }
            Happened::Retried => drop(self.retries.inc()),
        }
    }
}

fn seconds(ms: u64) -> f64 {
    std::time::Duration::from_millis(ms).as_secs_f64()
}
