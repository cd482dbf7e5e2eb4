"""The doctor: what is wrong with a platform, in words, and what to do about it.

    python -m deploy.operate.doctor [--watch SECONDS]       exit code 0: all is well; 1: findings; 2: it cannot look

It looks from outside, as an operator would: at the broker, at every service's database, at the settings that it was
started with, at the disk. It changes nothing. What it cannot know it does not say: RabbitMQ does not tell its clock.
"""
