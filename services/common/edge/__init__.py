"""What crosses a boundary, and whether it may.

fields  marshmallow fields and schema bases      tokens  signed sessions and links      signatures  signed webhooks
"""
