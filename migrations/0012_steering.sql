-- The lag and the load (threads that run) above which a ticket's running work waits, as a DBA set them; NULL: as configured.
ALTER TABLE ticket
    ADD COLUMN max_lag_ms BIGINT UNSIGNED NULL,
    ADD COLUMN max_load   INT UNSIGNED    NULL;
