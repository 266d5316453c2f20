"""The store: everything the hub knows, in PostgreSQL, behind the ports.

    async with open_store(settings) as store:            # starts the embedded server if no URL is set, and migrates
        async with store.units.door("acme") as unit:     # one transaction, under that partner's row-level security
            receipt = await unit.inbox.receive(parcel, limit)
            await unit.queue.defer("process", lock="acme", message=receipt.message)
        async with store.units.worker() as unit:         # sees all sides; for jobs and planning
            message = await unit.inbox.lock(receipt.message)
        store.urls.worker                                # libpq URL, for the job queue's own connections

`tables` holds every table, `visibility` and `functions.sql` who may see and do what, `migrations` how they came about,
`unit` the transactions; each of the other files is the repository of one aggregate.
"""

from hub.store.opening import Store, Urls, database, open_store
from hub.store.unit import StoredUnits

__all__ = ["Store", "StoredUnits", "Urls", "database", "open_store"]
