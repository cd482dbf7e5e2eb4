"""What starts the platform: the embedded form, each service as a process, private servers for both.

embedded  the whole platform in one process     up          every service as a process
infra     private RabbitMQ and PostgreSQL       servers, rabbitmq, postgres   one of them
prepare   databases, queues and first data      processes   start, watch and stop a process
packages  programs from Debian's packages       queues, welcome
"""
