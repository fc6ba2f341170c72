"""What is kept: the database, the settings file, the keys. The only place that knows apsw, keyring and TOML."""
