"""The example partners' world: what their customers buy, what they think will come, and what they send. All made up.

    demand     the truth, day by day: level, trend, season, promotions, noise
    stock      what lay in the distribution centres while that was sold
    views      what each party believes of the future, and where the two were made to disagree
    documents  numbers as canonical documents: each partner's own weeks, units and item codes
    sending    `World`: all of it from one seed, as the files that each partner sends, in order

Pure NumPy: the same seed gives the same world on every machine, another seed another one in every number.
"""

from partners.world.sending import Posting, World
from partners.world.views import Planted

__all__ = ["Planted", "Posting", "World"]
