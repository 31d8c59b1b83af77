//! What a control does again and again, and how its failures are told.

use crate::trouble::Trouble;
use dbdesk_store::Error;

/// A step that is done again and again: its failure is told once, and so is that it works again.
pub(super) struct Step {
    name: &'static str,
    pub(super) failing: bool,
}

impl Step {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, failing: false }
    }

    pub(super) fn done<T, E: Into<Trouble>>(&mut self, result: Result<T, E>) -> Option<T> {
        match result {
            Ok(value) => {
                if std::mem::take(&mut self.failing) {
                    tracing::info!(step = self.name, "works again");
                }
                Some(value)
            }
            Err(error) => {
                let error = error.into();
                if !std::mem::replace(&mut self.failing, true) {
                    let fault = matches!(error, Trouble::Store(Error::Fault(_)));
                    tracing::warn!(step = self.name, %error, fault, "can not be done now; it is tried again");
                }
                None
            }
        }
    }
}
