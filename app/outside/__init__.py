"""What reaches out of the node, or comes from machines beside it: messages, geocoders, the exchange's record."""
