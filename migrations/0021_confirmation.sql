-- When a person was shown the form in which the name is typed: what is typed later than policy.confirm_s counts for nothing.
CREATE TABLE confirmation (
    button_id CHAR(22)        NOT NULL,
    person_id BIGINT UNSIGNED NOT NULL,
    asked_at  DATETIME(3)     NOT NULL,
    PRIMARY KEY (button_id, person_id),
    KEY idx_confirmation_asked (asked_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
