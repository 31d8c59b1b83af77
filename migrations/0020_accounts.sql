-- Accounts that the desk gives on the servers of service groups, and their passwords until they are handed over.

-- The typed fields of what is asked for, where that is no SQL of a person's: JSON. sql_text is made from it, and what runs, too.
ALTER TABLE ticket_revision
    ADD COLUMN request MEDIUMTEXT NULL;

-- spec: the account as its last ticket left it, JSON (user, hosts, privileges, limits, plugin, generation). state: 'asked' (its first ticket
-- is not done), 'active', 'locked', 'dropped'. old_until: the password before the last one goes on until then. warned: the days before its
-- end of which was told last. ticket_id: the one that asked for it; its thread tells of its end.
CREATE TABLE account (
    id               BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    version          BIGINT UNSIGNED NOT NULL DEFAULT 1,
    service_group_id BIGINT UNSIGNED NOT NULL,
    user_name        VARCHAR(32)     NOT NULL,
    database_name    VARCHAR(64)     NOT NULL,
    spec             MEDIUMTEXT      NOT NULL,
    application      VARCHAR(64)     NULL,
    owner_id         BIGINT UNSIGNED NOT NULL,
    team             VARCHAR(64)     NULL,
    state            VARCHAR(16)     NOT NULL,
    ticket_id        BIGINT UNSIGNED NULL,
    expires_at       DATETIME(3)     NOT NULL,
    old_until        DATETIME(3)     NULL,
    warned           SMALLINT UNSIGNED NULL,
    ended_at         DATETIME(3)     NULL,
    created_at       DATETIME(3)     NOT NULL,
    updated_at       DATETIME(3)     NOT NULL,
    UNIQUE KEY uniq_account_user (service_group_id, user_name),
    KEY idx_account_owner (owner_id, id),
    KEY idx_account_expiry (state, expires_at),
    KEY idx_account_old (old_until)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- kind: 'password' (made here) or 'hash' (given). sealed: NULL once it was handed over, or is not needed any more. made_at: when the server
-- has it; it is handed over for a while after that.
CREATE TABLE account_secret (
    account_id  BIGINT UNSIGNED NOT NULL,
    generation  INT UNSIGNED    NOT NULL,
    kind        VARCHAR(8)      NOT NULL,
    key_name    VARCHAR(16)     NOT NULL,
    sealed      BLOB            NULL,
    created_at  DATETIME(3)     NOT NULL,
    begun_at    DATETIME(3)     NULL,
    made_at     DATETIME(3)     NULL,
    handed_at   DATETIME(3)     NULL,
    handed_to   BIGINT UNSIGNED NULL,
    PRIMARY KEY (account_id, generation),
    KEY idx_account_secret_made (made_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- What the accounts of a service group differ in, when it was looked at last: JSON, NULL where nothing. ticket_id: the repair that was filed.
CREATE TABLE account_drift (
    service_group_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    looked_at        DATETIME(3)     NOT NULL,
    differences      MEDIUMTEXT      NULL,
    problem          VARCHAR(500)    NULL,
    ticket_id        BIGINT UNSIGNED NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- account_id: the account that a ticket is about.
ALTER TABLE ticket
    ADD COLUMN account_id BIGINT UNSIGNED NULL,
    ADD KEY idx_ticket_account (account_id, id);
