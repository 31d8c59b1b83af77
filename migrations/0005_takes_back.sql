-- A ticket that takes another one back, and the revisions of it that do so as they were made: such a one runs in one transaction in
-- which every statement must touch the rows that it names.
ALTER TABLE ticket
    ADD COLUMN takes_back BIGINT UNSIGNED NULL,
    ADD KEY idx_ticket_takes_back (takes_back);

ALTER TABLE ticket_revision
    ADD COLUMN takes_back TINYINT NOT NULL DEFAULT 0;
