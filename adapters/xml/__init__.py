"""XML documents: recognised by root element and namespace, answered with a clear finding, not mapped yet."""
