"""Logistics: from the passed review to the delivered parcel (standard, section 3, and the dispatch part of section 2).

owns     shipments and their warehouse steps, parcels, the carriers' tracking events, the promised delivery window
tables   orders holds shipments parcels tracking_events scan_reports unmatched_scans watches carrier_flaws
         webhook_receipts wares raw_webhooks raw_webhook_numbers said_of_numbers manifests label_offers labels
         label_papers label_costs stock_places landed_costs cost_entries invoice_rows
answers  report_carriers reread_webhooks upload_scans estimate_delivery get_tracking receive_carrier_webhook list_flaws
         list_unmatched attach_unmatched dismiss_unmatched add_photos get_ware put_ware read_unit get_costs decide_costs
         list_costs preview_invoice upload_invoice list_invoice_rows settle_invoice_row report_costs list_cost_cells
         make_manifests list_manifests get_manifest_paper ask_rates buy_label list_labels get_label_paper void_label
         list_label_costs report_label_costs get_pick_list get_papers list_papers weigh_shipment batch_shipments
         preview_hand_overs upload_hand_overs list_shipments get_shipment mark_sorted mark_packed mark_dispatched
         correct_hand_over correct_parcel record_delivery deny_delivery
         and what every service answers: get_timeline list_commitments list_breaches report_commitments count_promises
         get_health export_person verify_journal list_dead_letters redrive_letters list_upcoming
emits    landed_cost_moved landed_cost_accrued invoice_uploaded invoice_row_decided label_moved shipment_created
         shipment_sorted shipment_packed box_photographed shipment_weighed shipment_dispatched shipment_adjusted
         shipment_recalled shipment_closed recall_refused edit_cleared edit_refused parcel_not_arriving parcel_turned_up
         tracking_updated parcel_facts_told parcel_delivered delivery_taken_back shipment_delivered parcel_exception
         parcel_stuck hand_over_doubted hand_over_corrected parcel_corrected delivery_recorded delivery_denied
         scans_dismissed webhooks_reread scans_uploaded scans_attached shipments_erased ware_saved
         and what every service emits: breach_attributed commitment_at_risk commitment_breached
follows  orders: product_saved stock_place_saved review_passed change_requested change_declined change_closed
         stock_covered dispatch_held dispatch_released edit_requested order_changed order_divided cancellation_requested
         order_cancelled remedy_accepted exchange_arranged exchange_stopped order_erased
keeps    dispatch delivery remedy landed_cost
clocks   dispatch (review passed → hand-over, origin's working days, not while on hold)
         delivery (hand-over → delivered, destination's working days)
         remedy (broken delivery promise → delivered or the customer asked, destination's working days)
         landed_cost (a carrier's bill differs → a person's decision, origin's working days; of staff only)
read     api/ (what is asked and told), then domain/shipment.py and domain/tracking.py; adapters/carriers/ speaks with
         the world outside
"""
