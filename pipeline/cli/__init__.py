"""The command line. One module a command; each checks its options, calls the library and prints."""
