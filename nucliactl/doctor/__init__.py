"""Looking for what is wrong on this machine: checks that find, and what mends the safe part of it."""
