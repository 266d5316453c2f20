"""How well the partnership plans and delivers: pure metrics, each with its formula and the trap it is known for."""
