-- granted_s: how long the account was asked for; renewed without a time, it is for as long again. next_look_at, looks: when control files again
-- what is due of it, and how often it has filed that since the account last changed.
ALTER TABLE account
    ADD COLUMN granted_s    INT UNSIGNED      NOT NULL DEFAULT 0,
    ADD COLUMN next_look_at DATETIME(3)       NULL,
    ADD COLUMN looks        SMALLINT UNSIGNED NOT NULL DEFAULT 0;

UPDATE account SET granted_s = GREATEST(0, TIMESTAMPDIFF(SECOND, created_at, expires_at));
