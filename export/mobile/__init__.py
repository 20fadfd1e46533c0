"""Phones: code for Android and iOS, and a twin of it in Python that shows what they will show."""
