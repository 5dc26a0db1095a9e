"""What a 112 centre is: its rules, its commands, its journal and its city; knows no web, no sockets and no Asterisk."""
