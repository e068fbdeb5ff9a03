"""Learns the packs from data sets and measures them. Imports scoring, never the reverse."""
