//! Everything a person reads, as snapshots in both languages, and the limits that no input can break.

mod builds;
mod cards;
mod clusters;
mod configuration;
mod lanes;
mod limits;
mod live;
mod parts;
mod people;
mod registered;
mod replies;
mod restores;
mod rules;
mod sample;
mod scripts;
mod story;
mod tables;
mod tasks;
