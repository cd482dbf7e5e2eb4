"""Around the services: private infrastructure, the demo, and what a deployment needs."""

import warnings

# eventlet tells of its retirement at every import; people at a terminal can do nothing about it
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
