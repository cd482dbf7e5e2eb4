"""What support declares. Pure, so that everybody may import it: `terms`, its promises."""
