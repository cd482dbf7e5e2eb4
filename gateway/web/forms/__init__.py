"""What a customer can do without JavaScript: plain HTML forms, which speak to the same public API.

`forms`, `conversations`, `printed` and `help_centre` have the routes, `inside` asks the API from within,
`templates/plain` are the pages. There is no other right, rule or limit here: each step asks the API with what the form
holds. A page that may act carries its token in the form itself, never in the address and never in a cookie, so no page
elsewhere can act in the name of who looks at it.
"""
