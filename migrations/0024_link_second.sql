-- first_by: the admin who has confirmed that a Discord user is somebody who decides on others; a second one has to confirm it too.
ALTER TABLE link_request
    ADD COLUMN first_by BIGINT UNSIGNED NULL;
