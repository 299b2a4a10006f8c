"""How operations run: pending results, the drivers, the faces, and the two runtimes."""
