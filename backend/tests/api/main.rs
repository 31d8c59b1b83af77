//! Stories at the HTTP front door, on a real store, Redis and target.

mod again;
mod bad_input;
mod buttons;
mod closed;
mod complete;
mod cut_over;
mod decide;
mod faults;
mod fixes;
mod freezes;
mod kept;
mod lanes;
mod numbers;
mod once;
mod ordered;
mod quiet;
mod reads;
mod rules;
mod schedules;
mod shadow;
mod stage;
mod steer;
mod submit;
mod tasks;
mod throttle;
mod watch;
