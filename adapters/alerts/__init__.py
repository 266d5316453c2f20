"""Ways to tell people about alerts: the log, a webhook, mail. Each is an `hub.ports.Announcer`.

An alert is told over every way that is set up, and again over those that failed; none of them holds up the others.
"""
