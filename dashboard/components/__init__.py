"""What the browser draws, with its scripts and styles: player, lessons, facets, rows."""
