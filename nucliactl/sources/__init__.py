"""Where profiles come from. A source offers definitions with locations and opens no secret."""
