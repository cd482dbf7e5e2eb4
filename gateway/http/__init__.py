"""HTTP itself: from the socket to a view and back.

mount, protocol, reader    requests from connections, as workers of nameko
room                       how many connections, and how much memory for their bodies
first_look                 what is answered without a worker
bodies                     what is read from a request, and how strictly
auth                       who asks
resource, schemas          what a resource file is written with
calls                      how a view reaches the services
errors, security           refusals, headers
limits, windows            how often
turns                      one at a time, of what takes long
reads                      what staff read of customers' data, recorded
exports                    lists as CSV files, sent as they are read
documentation              the OpenAPI document
"""
