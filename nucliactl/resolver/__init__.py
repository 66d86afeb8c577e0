"""Which profile is active, and why: pure over candidates, light, and it remembers why not."""
