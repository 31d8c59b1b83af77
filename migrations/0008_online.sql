-- The statements of a revision that a tool makes online, from 0: a JSON list, NULL for none. So the review said.
ALTER TABLE ticket_revision
    ADD COLUMN online MEDIUMTEXT NULL;
