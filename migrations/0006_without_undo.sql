-- The statements of a revision that may run although they can not be taken back, from 0: a JSON list, NULL for none. Whoever approves
-- the revision has seen which.
ALTER TABLE ticket_revision
    ADD COLUMN without_undo MEDIUMTEXT NULL;
