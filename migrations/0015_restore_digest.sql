-- Whether the binary log still has what was looked at. What was looked at before this says nothing: it has to be looked at anew.
ALTER TABLE restore
    ADD COLUMN digest CHAR(64) NOT NULL DEFAULT '';
