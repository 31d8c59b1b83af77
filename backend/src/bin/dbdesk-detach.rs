//! `dbdesk-detach PROGRAM ARGUMENT…`: starts the program in a session of its own and ends, so that init becomes its parent. It is
//! small and knows nothing, because one is started for each process that waits for a task: backend/executor/README.md has what
//! that saves.

use std::{
    env,
    process::{Command, ExitCode},
};

fn main() -> ExitCode {
    let mut words = env::args_os().skip(1);
    let Some(program) = words.next() else {
        eprintln!("dbdesk-detach: which program? Usage: dbdesk-detach PROGRAM [ARGUMENT…]");
        return ExitCode::from(2);
    };
    // Leads a session already: nobody's child to be ended with.
    let _ = rustix::process::setsid();
    match Command::new(&program).args(words).spawn() {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dbdesk-detach: {} can not be started: {error}", program.display());
            ExitCode::FAILURE
        }
    }
}
