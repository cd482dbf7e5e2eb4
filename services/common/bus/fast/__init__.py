"""What exists on the bus for speed alone. Everything works without it, more slowly.

fastamqp     deliveries read and publications written without py-amqp's generic path
amqp_frames  the frames of AMQP 0-9-1 that fastamqp needs
"""
