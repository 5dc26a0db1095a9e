"""The live feed: sockets, snapshots, alarms."""
