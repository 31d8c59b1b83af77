-- Where the bytes of a part are: in `sealed`, or in a bucket under the name `object`, so long and with this SHA-256.
ALTER TABLE backup
    MODIFY COLUMN sealed LONGBLOB NULL,
    ADD COLUMN bucket VARCHAR(63) NULL,
    ADD COLUMN object VARCHAR(400) NULL,
    ADD COLUMN size INT UNSIGNED NULL,
    ADD COLUMN sha256 BINARY(32) NULL,
    -- Which keys and buckets what is kept needs.
    ADD KEY idx_backup_needs (key_name, bucket);

-- Every object that was ever to be put, written before it is put: also of statements that were rolled back, whose part in `backup` was
-- replaced. A row goes after its object.
CREATE TABLE backup_object (
    id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    bucket     VARCHAR(63)     NOT NULL,
    name       VARCHAR(400)    NOT NULL,
    task_id    BIGINT UNSIGNED NOT NULL,
    statement  INT UNSIGNED    NOT NULL,
    part       INT UNSIGNED    NOT NULL,
    created_at DATETIME(3)     NOT NULL,
    UNIQUE KEY uniq_backup_object (bucket, name),
    KEY idx_backup_object_created (created_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
