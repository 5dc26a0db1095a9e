"""Asterisk in and out: FastAGI server and sessions, the call simulator, Asterisk's own files."""
