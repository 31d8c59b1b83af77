//! What dbdesk's own accounts lack on a new database, and whether it may be given to them.

use super::{Accounts, ReadError, refusal};
use dbdesk_account::{
    AccountName, DatabaseName,
    own::{Gets, Need, lacking, may_give},
};

impl Accounts {
    /// What each account of these users is to get on a new database, beside the others of its group. Locked ones get nothing.
    pub async fn own_gets(
        &mut self,
        needs: &[Need],
        new: &DatabaseName,
        others: &[DatabaseName],
    ) -> Result<Vec<Gets>, ReadError> {
        let mut gets = Vec::new();
        for need in needs {
            for name in self.of_users_of(&[AccountName::new(&need.user, "")]).await? {
                let Some(live) = self.one(&name).await? else { continue };
                if !live.attributes.is_locked {
                    gets.extend(lacking(&live, &need.privileges, (new, others), self.dialect));
                }
            }
        }
        Ok(gets)
    }

    /// Of these, what the account of this session may hand on there.
    pub async fn may_give(&mut self, gets: Vec<Gets>, new: &DatabaseName) -> Result<Vec<Gets>, ReadError> {
        if gets.is_empty() {
            return Ok(gets);
        }
        let asked = sqlx::query_scalar::<_, String>("SELECT CAST(CURRENT_USER() AS CHAR)")
            .fetch_one(&mut self.connection);
        let own = tokio::time::timeout(self.limit, asked).await.map_err(|_| ReadError::Late)?;
        let own = own.map_err(|error| ReadError::Statement(refusal(&error)))?;
        let (user, host) = own.rsplit_once('@').unwrap_or((&own, ""));
        let Some(live) = self.one(&AccountName::new(user, host)).await? else { return Ok(Vec::new()) };
        let dialect = self.dialect;
        Ok(gets.into_iter().filter(|one| may_give(&live, new, &one.privileges, dialect)).collect())
    }
}
