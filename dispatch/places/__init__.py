"""Where something is: kelurahan and their borders, names, figures."""
