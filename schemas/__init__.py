"""Facts that anyone can look up in a standard: message tables, segments, elements, code lists. Data and one loader."""
