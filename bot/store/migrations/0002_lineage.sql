-- What a job was made from, if from one of our own pictures: its first such reference. It can be
-- computed from the orders at any time.
CREATE TABLE lineage (
    job_id TEXT NOT NULL PRIMARY KEY REFERENCES job (id),
    parent_id TEXT NOT NULL REFERENCES job (id),
    parent_number INTEGER NOT NULL CHECK (parent_number >= 1),
    root_id TEXT NOT NULL REFERENCES job (id),
    version INTEGER NOT NULL CHECK (version >= 2)
) STRICT;

CREATE INDEX lineage_root ON lineage (root_id);
CREATE INDEX lineage_parent ON lineage (parent_id);

-- Replies and menus name a message; this finds the pictures that it shows.
CREATE INDEX picture_message ON picture (message_id) WHERE message_id IS NOT NULL;

-- The message that a job answers if it was asked for in one, and ours below it that tells its stage.
ALTER TABLE job ADD COLUMN message_id INTEGER;
ALTER TABLE job ADD COLUMN status_id INTEGER;
