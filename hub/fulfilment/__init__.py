"""From a settled plan to goods on the floor: the life of an order and what was promised on each of its lines."""
