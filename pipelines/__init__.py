"""Offline jobs: video in, tables and reports out."""
