"""The command line: it asks the services and shows what comes. It decides nothing about a run."""
