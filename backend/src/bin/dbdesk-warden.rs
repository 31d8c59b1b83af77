//! `dbdesk-warden`: starts one script of the DBAs, watches it, and ends all of it: when it is told to, when there are too many processes, and
//! when the process of the task that started it is gone. It reads no configuration and knows no password.

use std::process::ExitCode;

fn main() -> ExitCode {
    match dbdesk_executor::warden::watch() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dbdesk-warden: {error}");
            ExitCode::FAILURE
        }
    }
}
