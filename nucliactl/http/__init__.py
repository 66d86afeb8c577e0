"""HTTP with a credential: it is given a provider and origins, and never sends elsewhere."""
