"""FastAGI: the server and the conversations it holds."""
