"""What operators do: `python -m deploy.operate verify | dead-letters | redrive`, and rooms of their own.

by_hand  the three commands     backup  take, restore, replay     doctor  say what is wrong
audit    known holes            sbom    what the images run
notary   sign the journals      signed  what was signed, and whether the journals still fit it
"""
