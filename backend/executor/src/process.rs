//! Who is who among processes. A process number alone lies: the kernel gives it again. Number, start time and boot id together
//! name one process for ever.

use dbdesk_store::run::Claimant;
use rustix::{
    io::Errno,
    process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal},
};
use std::{fs, io, os::fd::OwnedFd};
use tokio::io::{Interest, unix::AsyncFd};

/// What one line of `/proc/PID/stat` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// `R`, `S`, … ; `Z` and `X` are dead already.
    pub state: char,
    /// The process whose child it is.
    pub parent: u32,
    /// When it started, in ticks since boot: field 22.
    pub start: u64,
}

/// Reads a line of `/proc/PID/stat`. The program's name in it may contain blanks and parentheses, so it is read from behind.
#[must_use]
pub fn parse(line: &str) -> Option<Stat> {
    let (_, rest) = line.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    let parent = fields.next()?.parse().ok()?;
    // The parent is field 4.
    let start = fields.nth(22 - 4 - 1)?.parse().ok()?;
    Some(Stat { state, parent, start })
}

/// What the kernel knows of process `pid`, which may have ended without being waited for.
#[must_use]
pub fn stat(pid: u32) -> Option<Stat> {
    let line = fs::read(format!("/proc/{pid}/stat")).ok()?;
    parse(&String::from_utf8_lossy(&line))
}

/// What process `pid` calls itself.
#[must_use]
pub fn name(pid: u32) -> Option<String> {
    Some(fs::read_to_string(format!("/proc/{pid}/comm")).ok()?.trim_end().to_owned())
}

/// When process `pid` started, if it lives.
#[must_use]
pub fn start_of(pid: u32) -> Option<u64> {
    let stat = stat(pid)?;
    (!matches!(stat.state, 'Z' | 'X' | 'x')).then_some(stat.start)
}

/// Whether this very process lives on this machine.
#[must_use]
pub fn lives(pid: u32, start: u64) -> bool {
    start_of(pid) == Some(start)
}

/// The namespace of processes that a machine starts with: `PROC_PID_INIT_INO` of the kernel's `linux/proc_ns.h`.
const FIRST_NAMESPACE: &str = "4026531836";

/// Whether the process that calls its place `boot_id` is gone, seen from `here` ([`boot_id`]). What runs in another namespace of this
/// boot can not be seen from here: only its lease tells.
#[must_use]
pub fn gone(here: &str, boot_id: &str, pid: u32, start: u64) -> bool {
    if here == boot_id { !lives(pid, start) } else { boot(here) != boot(boot_id) }
}

fn boot(boot_id: &str) -> &str {
    boot_id.split_once('/').map_or(boot_id, |(boot, _)| boot)
}

/// This boot of this machine. Containers of one machine share its boot, and each counts its processes for itself: there the number of
/// that namespace comes behind it.
pub fn boot_id() -> io::Result<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id")?;
    let namespace = fs::read_link("/proc/self/ns/pid")?;
    Ok(counted_in(boot.trim(), &namespace.to_string_lossy()))
}

/// `namespace`: `pid:[4026531836]`.
fn counted_in(boot: &str, namespace: &str) -> String {
    match namespace.trim_start_matches("pid:[").trim_end_matches(']') {
        FIRST_NAMESPACE => boot.to_owned(),
        other => format!("{boot}/{other}"),
    }
}

/// How long this machine is up, in milliseconds: the same for all its processes, whatever happens to its clock.
#[must_use]
pub fn uptime_ms() -> u64 {
    let up = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    up.tv_sec.cast_unsigned() * 1_000 + up.tv_nsec.cast_unsigned() / 1_000_000
}

/// The machine's name.
#[must_use]
pub fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Process `pid` of the machine that calls itself `host`, as a claimant.
pub fn claimant(host: &str, pid: u32) -> io::Result<Claimant> {
    let pid_start = start_of(pid).ok_or_else(|| io::Error::other(format!("process {pid} is gone")))?;
    Ok(Claimant { host: host.to_owned(), boot_id: boot_id()?, pid, pid_start })
}

/// A descriptor of this very process; `None` when it has ended.
fn descriptor(pid: u32, start: u64) -> io::Result<Option<OwnedFd>> {
    let number = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let Some(number) = number else { return Ok(None) };
    match pidfd_open(number, PidfdFlags::empty()) {
        // Only now: the descriptor names one process, whoever gets the number later.
        Ok(fd) => Ok(lives(pid, start).then_some(fd)),
        Err(Errno::SRCH) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Sends a signal to this very process, never to another one that got its number. Gives whether it lived.
pub fn signal(pid: u32, start: u64, signal: Signal) -> io::Result<bool> {
    let Some(fd) = descriptor(pid, start)? else { return Ok(false) };
    match pidfd_send_signal(fd, signal) {
        Ok(()) => Ok(true),
        Err(Errno::SRCH) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Waits, without polling, until this very process has ended.
pub async fn ended(pid: u32, start: u64) -> io::Result<()> {
    let Some(fd) = descriptor(pid, start)? else { return Ok(()) };
    let fd = readable(fd)?;
    let _ended = fd.readable().await?;
    Ok(())
}

#[expect(
    deprecated,
    reason = "an OwnedFd stays open while it is owned: what the unsafe one asks its caller for"
)]
fn readable(fd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(fd, Interest::READABLE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_program_with_blanks_and_parentheses_in_its_name_is_read_right() {
        let line =
            "18696 (a) b (c) S 18678 18678 16470 0 -1 4194304 102 0 0 0 0 0 0 0 20 0 1 0 184587 3133440 394";
        assert_eq!(parse(line), Some(Stat { state: 'S', parent: 18_678, start: 184_587 }));
    }

    #[test]
    fn the_same_boot_counted_in_another_namespace_is_another_place() {
        assert_eq!(counted_in("b0", "pid:[4026531836]"), "b0");
        assert_eq!(counted_in("b0", "pid:[4026532201]"), "b0/4026532201");
        let nobody = (u32::MAX, 0);
        let gone = |here, there| gone(here, there, nobody.0, nobody.1);
        assert!(gone("b0", "b0") && gone("b1", "b0") && gone("b1/7", "b0/7"));
        assert!(!gone("b0", "b0/7") && !gone("b0/8", "b0/7"), "only its lease tells");
    }

    #[test]
    fn what_is_no_such_line_is_nobody() {
        for line in ["", "1 (x)", "1 (x) S", "1 (x S 1 2", "no parentheses at all", "1 (x) S 1 2 3 4 5 6 7"] {
            assert_eq!(parse(line), None, "{line}");
        }
    }

    #[tokio::test]
    async fn the_end_of_a_process_is_noticed_and_a_reused_number_is_not_taken_for_it() {
        let mut child = Command::new("sleep").arg("600").spawn().unwrap();
        let start = start_of(child.id()).unwrap();
        assert!(lives(child.id(), start));
        assert!(!lives(child.id(), start + 1), "another process with the same number");
        // That other one is gone already, so there is nothing to wait for.
        ended(child.id(), start + 1).await.unwrap();
        let pid = child.id();
        assert!(!signal(pid, start + 1, Signal::KILL).unwrap(), "nor is it killed in its place");
        assert!(lives(pid, start));
        let waiting = tokio::spawn(async move { ended(pid, start).await });
        assert!(signal(pid, start, Signal::KILL).unwrap());
        waiting.await.unwrap().unwrap();
        assert!(!lives(pid, start), "a zombie is dead");
        child.wait().unwrap();
        ended(pid, start).await.unwrap();
    }
}
