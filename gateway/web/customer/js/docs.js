// The human reader of the OpenAPI document; everything comes from this host.
SwaggerUIBundle({ url: "/v1/openapi.json", dom_id: "#docs", deepLinking: true, docExpansion: "list", validatorUrl: null, persistAuthorization: true });
