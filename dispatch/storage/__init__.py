"""The database: tables, the one writer, the journal, migrations."""
