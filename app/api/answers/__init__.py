"""What the API answers, as models for its description; the values themselves are made by dispatch's views.

A test holds every real answer against these.
"""
