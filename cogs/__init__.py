"""One family of commands each: translators between Discord and the studio, nothing more."""
