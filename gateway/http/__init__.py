"""HTTP itself: from the socket to a view and back.

mount, protocol, windows   requests from connections, as workers of nameko
first_look                 what is answered without a worker
bodies                     what is read from a request, and how strictly
auth                       who asks
resource, schemas          what a resource file is written with
calls                      how a view reaches the services
errors, security, limits   refusals, headers, how often
documentation              the OpenAPI document
"""
