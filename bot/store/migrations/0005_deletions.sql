-- Since when a job's pictures are taken away: from then on only its person sees them.
ALTER TABLE job ADD COLUMN deleted_at INTEGER;

ALTER TABLE showing ADD COLUMN channel_id INTEGER;  -- NULL of what was shown before
