-- The lag and the load (threads that run) above which a ticket's running work waits, as a DBA set them; NULL: as configured.
ALTER TABLE ticket
    ADD COLUMN max_lag_ms BIGINT UNSIGNED NULL,
    ADD COLUMN max_load   INT UNSIGNED    NULL;

-- cut_over: when the copy of a table takes the table's place, as a DBA said: 'now', 'quiet', 'hold'; NULL: as configured. cuts_over: it is
-- about to, which nobody can hold any more.
ALTER TABLE task
    ADD COLUMN cut_over  VARCHAR(8) NULL,
    ADD COLUMN cuts_over TINYINT    NOT NULL DEFAULT 0;
