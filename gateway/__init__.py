"""The gateway: HTTP only. REST, OpenAPI, sign-in, live stream and pages; it knows the services by their RPC alone.

How a resource is written (health.py is the small example; one file per resource):

    blp = Resource("orders", "Placing orders and following them")            # 1 a name for the docs, what it is about

    class PlaceOrder(Strict): …                                              # 2 what is asked: unknown fields are 422
    class Order(Answer): …                                                   #   what is said: describes, does not run

    @blp.route("/orders", methods=["POST"])                                  # 3 route first: /v1 is added
    @blp.allows(ANYONE)                                                      # 4 who: ANYONE or roles; a guest gets 401
    @blp.takes(PlaceOrder)                                                   # 5 body as JSON → first argument …
    @blp.answers(201, Order)                                                 # 6 status and schema of the answer
    def place_order(body):
        \"\"\"Place an order.                                                  # 7 summary and description of the docs

        Prices are the catalogue's; shipping and duties are always 0.00.
        \"\"\"
        return services().orders.place_order(body)                           # 8 ONE call; the reply is the answer

    @blp.route("/orders", methods=["GET"])
    @blp.allows(CUSTOMER, AGENT)
    @blp.filters(OrderFilter)                                                # 5 … or the query → first argument (dict)
    @blp.answers(200, page_of(Order))
    def list_orders(query): …

    @blp.route("/orders/<number(ORD):number>/cancellation", methods=["POST"])   # malformed: 404 by itself

- Validation happens here for a quick, documented refusal, and again in the service, which trusts nobody. The body is
  handed on as it was sent (plain JSON), so the service's schema does the trimming and the conversions.
- Permission on the object (is it their order?) is the service's alone; `allows` only says for whom it makes sense.
- Errors: let them fly. A ServiceError becomes a problem document in errors.py; `Refused(status, code, text)` is for
  what only the gateway can know.
- `services().orders.x(…)` waits in this greenthread for at most the client's timeout. Several at once: `gather`.
- The caller (who, roles, grants, trace id, Idempotency-Key, a fresh one when the client gave none) travels by itself.
- Staff edits that take a version: `services().logistics.mark_sorted(number, versioned(body))` puts If-Match into
  `version`; a reply with an integer `version` gets the ETag. Conflict `version_moved` becomes 412.
- A GET never changes anything. Names of query fields, statuses and codes are those of the design, for ever.
- A new file is named in app.RESOURCES. Tests: one per status that it can answer.
"""
