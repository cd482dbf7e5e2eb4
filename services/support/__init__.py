"""Support: the one channel through which customers reach us, and through which we reach them.

owns      tickets, messages, ratings, contacts of orders, staff and sign-in codes, links of guests, outgoing mail
answers   open_ticket, get_ticket, list_tickets, post_message, assign_ticket, resolve_ticket, reopen_ticket,
          close_ticket, mark_spam, restore_ticket, rate_ticket, request_ticket_link, exchange_ticket_token,
          request_sign_in, verify_sign_in
emits     ticket_opened, message_posted, note_posted, ticket_assigned, ticket_moved, ticket_resolved, ticket_closed,
          ticket_reopened, ticket_rated, customer_notified, notification_failed
follows   what orders, logistics and aftersales tell of an order, and every commitment at risk or breached (follows.py)
keeps     the clocks first_response, next_response and resolution (sla.py)
"""
