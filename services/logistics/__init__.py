"""Logistics: from the passed review to the delivered parcel (standard, section 3, and the dispatch part of section 2).

Owns     shipments and their warehouse steps, parcels, the carriers' tracking events, the promised delivery window
Answers  list_shipments, get_shipment, mark_sorted, mark_packed, mark_dispatched,
         correct_hand_over, correct_parcel, record_delivery, deny_delivery, list_flaws, list_unmatched,
         attach_unmatched, get_tracking, receive_carrier_webhook
Emits    shipment_created, _sorted, _packed, _dispatched, _adjusted, _recalled, _delivered, recall_refused,
         hand_over_doubted, hand_over_corrected, tracking_updated, parcel_delivered, delivery_taken_back,
         parcel_exception, parcel_stuck, parcel_not_arriving, parcel_turned_up, shipment_closed, parcel_corrected,
         delivery_recorded, delivery_denied, scans_attached, shipments_erased
Follows  orders: review_passed, change_requested, change_declined, change_closed, stock_covered,
         dispatch_held, dispatch_released,
         order_changed, cancellation_requested, order_cancelled, remedy_accepted, order_erased
Clocks   dispatch (review passed → hand-over, origin's working days, not while on hold)
         delivery (hand-over → delivered, destination's working days)
         remedy (broken delivery promise → delivered or the customer asked, destination's working days)
Read     api/ (what is asked and told), then domain/shipment.py and domain/tracking.py; adapters/carriers/ speaks with
         the world outside
"""
