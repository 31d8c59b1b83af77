//! Counters for `/metrics`.

use crate::task_metrics::TaskMetrics;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};
use std::{fmt, sync::atomic::AtomicU64, time::Duration};

/// What a request was.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Request {
    /// `GET` …
    pub method: String,
    /// The route, not the path: it must not grow with tickets.
    pub route: String,
    /// The answer's status.
    pub status: u16,
}

/// A state of a ticket or task.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct State {
    /// Its word.
    pub state: String,
}

type Seconds = Family<Request, Histogram, fn() -> Histogram>;

/// Every counter, with the registry that names them.
pub struct Metrics {
    registry: Registry,
    requests: Seconds,
    faults: Counter,
    reviews: Histogram,
    tickets: Family<State, Gauge>,
    tasks: Family<State, Gauge>,
    audit_head: Gauge,
    denials_dropped: Counter,
    /// Of tasks and controls.
    pub of_tasks: TaskMetrics,
    /// The newest entry of the tickets' log that is counted; 0 before the first look.
    pub counted: AtomicU64,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

fn times() -> Histogram {
    // 1 ms to 32 s.
    Histogram::new(exponential_buckets(0.001, 2.0, 16))
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("dbdesk");
        let metrics = (
            Seconds::new_with_constructor(times),
            Counter::default(),
            times(),
            Family::<State, Gauge>::default(),
            Family::<State, Gauge>::default(),
        );
        let (requests, faults, reviews, tickets, tasks) = metrics;
        registry.register(
            "http_request_seconds",
            "Answered requests and how long each took",
            requests.clone(),
        );
        registry.register("faults", "Answers that were our fault", faults.clone());
        registry.register("review_seconds", "Reviews and how long each took", reviews.clone());
        registry.register("tickets", "Tickets by state", tickets.clone());
        registry.register("tasks", "Tasks by state", tasks.clone());
        let (audit_head, denials_dropped) = (Gauge::default(), Counter::default());
        registry.register("audit_head", "The newest row of the audit log", audit_head.clone());
        registry.register(
            "audit_denials_dropped",
            "Refused attempts that were too many for the audit log",
            denials_dropped.clone(),
        );
        let of_tasks = TaskMetrics::register(&mut registry);
        Self {
            registry,
            requests,
            faults,
            reviews,
            tickets,
            tasks,
            audit_head,
            denials_dropped,
            of_tasks,
            counted: AtomicU64::new(0),
        }
    }
}

impl Metrics {
    /// A request was answered.
    pub fn answered(&self, request: &Request, took: Duration) {
        self.requests.get_or_create(request).observe(took.as_secs_f64());
    }

    /// An answer was our fault.
    pub fn fault(&self) {
        self.faults.inc();
    }

    /// The newest row of the audit log.
    pub fn audited(&self, head: u64) {
        self.audit_head.set(i64::try_from(head).unwrap_or(i64::MAX));
    }

    /// A refused attempt was one too many for the audit log.
    pub fn denial_dropped(&self) {
        self.denials_dropped.inc();
    }

    /// A review was made.
    pub fn reviewed(&self, took: Duration) {
        self.reviews.observe(took.as_secs_f64());
    }

    /// How many tickets and tasks stand in which state now.
    pub fn standing(&self, tickets: &[(String, i64)], tasks: &[(String, i64)]) {
        for (family, rows) in [(&self.tickets, tickets), (&self.tasks, tasks)] {
            family.clear();
            for (state, count) in rows {
                family.get_or_create(&State { state: state.clone() }).set(*count);
            }
        }
    }

    /// All of them as Prometheus reads them.
    pub fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
