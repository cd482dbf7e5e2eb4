"""A service as a process: what starts it, what it answers and follows, what it does by itself, what is seen of it.

service    the base of all services           database   the nameko dependency that opens transactions
following  which events a service follows
messaging  receive the events it follows      handling   handle them in batches
failures   keep what could not be handled     timers     do things by the clock
parallel   calls outside, beside each other    resting    the pause between two looks for work
runner     run services until a signal        config     settings from the environment
telemetry  logs, metrics, health                exposure   what no process starts with
workers    the pool of a service's workers      files      variables that are given as files
uploads    the folder of files that were sent  object_store    or their bucket  upload_settings  which of both
examine    the program that says what a file is    examining  run it, within bounds
programs   run a program of ours as a process of its own
stored     settings of a service with a journal         closures   the shop's closures, read again
"""
