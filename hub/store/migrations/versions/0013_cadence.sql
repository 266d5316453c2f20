-- The calendar starts the planning cycles that two partners have agreed on.

INSERT INTO schedule (name, cron, job, arguments) VALUES ('start_cycles', '10 4 * * *', 'start_cycles', '{"day": "{due}"}');
