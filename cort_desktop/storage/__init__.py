"""What is kept: the database, the settings file, the keys. Only here: apsw, keyring, TOML."""
