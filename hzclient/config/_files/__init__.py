"""Options from files, environment variables and URLs; `Config.load()` is the entry."""
