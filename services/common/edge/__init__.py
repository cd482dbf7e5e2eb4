"""What crosses a boundary, and whether it may.

examples  an example of a request
bounds  how much is looked at, and how much is said of it
schemas  marshmallow schemas derived from declarations
texts  text as people see it
rules  rules between fields, as JSON Schema
fields  marshmallow fields and schema bases      keys  who signs, who verifies
tokens  signed sessions and links      signatures  signed webhooks
"""
