//! How `dbdesk-run` is linked.

fn main() {
    // Each task is a process of it. At a fixed address its tables need no relocation: a megabyte less to copy at each start, and to
    // keep for each task that runs.
    println!("cargo::rustc-link-arg-bin=dbdesk-run=-no-pie");
    println!("cargo::rerun-if-changed=build.rs");
}
