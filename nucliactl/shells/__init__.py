"""What a person's shell is given: completion, put where it is found, and a prompt that starts no process."""
