"""Work that outlives the call which caused it: jobs, schedules, and the processes that do them.

A job is a row, deferred in the transaction of the data it is about (`Unit.queue`), so it exists exactly when the data
does. Jobs of one lane (the `lock`: a partner, an agreement) run one after the other in the order in which they were
deferred; lanes run side by side. What fails is answered by remedy (`remedy`): wait and try again, or give the message
to the dead letters. A worker that dies hands its jobs to the others (`sweep`), and a message that kills its workers
ends in the dead letters too, so its lane goes on.

    work        what the jobs call                     alive       how others know that a worker lives
    remedy      what to do about a failure             sweep       jobs of the dead
    tasks       one attempt at a job                   schedule    enqueues what is due, once
    room        who may work beside whom               cron        when that is
    queue       the job table and its workers          supervisor  keeps the two processes of a hub running
    worker      the entry point of `hub work`
"""
