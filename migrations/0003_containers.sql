-- Containers of one machine share its boot, and each counts its processes for itself: boot_id is BOOT, or BOOT/NAMESPACE in a container.
ALTER TABLE task MODIFY boot_id VARCHAR(64) NULL;
ALTER TABLE control MODIFY boot_id VARCHAR(64) NOT NULL;
