"""Small applications that servers and frameworks run."""
