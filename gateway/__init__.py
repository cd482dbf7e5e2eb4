"""The gateway: HTTP only. REST, OpenAPI, sign-in, live stream and pages; it knows the services by their `api` alone.

http       the machinery: requests, refusals, who asks, what a resource file is written with
resources  one file per resource: routes, and what is composed of several services
live       what a browser is told while it happens        web  pages for people

How a resource is written (resources/returns.py is the example):

    blp = Resource("returns", "Sending goods back")                        # 1 a name for the docs, what it is about

    @blp.post("/returns", AftersalesApi.request_return, status=201)         # 2 route, the command, status of success
    def request_return(request: RequestReturn) -> ReturnView:               # 3 request and reply, typed
        return services().aftersales.request_return(request)                # 4 ONE call; the reply is the answer

- Roles, text, refusals and the operationId come from the command's declaration; schemas, headers and an example from
  the view's annotations. A route that is no command of a service says `roles` itself and has a docstring.
- Validation happens here for a quick, documented refusal, and again in the service, which trusts no client.
- Permission on the object (is it their order?) is the service's alone; `roles` only says for whom it makes sense.
- Errors: let them fly. A ServiceError becomes a problem document in http/errors.py; `Refused(status, code, text)` is
  for what only the gateway can know.
- A call waits in this greenthread for at most the client's timeout. Several at once: `ask`, `ask_each` (http/calls.py).
- The caller (who, roles, grants, trace id, Idempotency-Key, a fresh one when the client gave none) travels by itself.
- Staff edits that take a version: a request with a field of the shape `Version` takes If-Match; a reply with an
  integer `version` gets the ETag. Conflict `version_moved` becomes 412.
- A GET never changes anything. Names of query fields, statuses and codes are those of the design, for ever.
- A new file is named in app.RESOURCES. Tests: one per status that it can answer.
"""
