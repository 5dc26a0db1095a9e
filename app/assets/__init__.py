"""What the browser loads, made from packages and catalogues."""
