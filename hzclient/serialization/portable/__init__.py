"""Portable serialization: the definitions of classes."""
