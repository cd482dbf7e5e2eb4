"""What logistics does: one function per command or event, each in the caller's transaction.

shipments  the warehouse's steps and queue       orders    what orders tells
tracking   parcels on their way                  webhooks  what carriers send
matching   whose each scan is                    parcels   what people put right
watching   making sure to get news of parcels   remedies  parcels that do not arrive
hand_overs when they were handed over in truth  privacy   a customer's own data: copied, erased
lanes      how carriers kept what was promised  papers    what is printed in the warehouse
wares      where products lie, and the codes on them
rereading  what was kept of webhooks            uploads   scans that people upload
edits      the customer's own changes of orders  labels  bought of carriers
label_use  what a shipment's steps do to its label  label_settling  what a carrier has not said yet
costs      what shipments cost us               invoices  what carriers bill
manifests  papers for carriers that pick up     lives     parcels of the simulated carrier
batch      one step for many shipments          parts     several shipments of one order
facts      what carriers tell beside scans       words   what is kept of words about parcels
stock_places  what orders tells of them
"""
