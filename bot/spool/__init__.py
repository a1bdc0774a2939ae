"""The spool: paid bytes on disk, before anything else knows of them."""
