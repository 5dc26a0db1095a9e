"""A telephone exchange without telephones: plays Asterisk's side of FastAGI, for the demo, the tests and benchmarks."""
