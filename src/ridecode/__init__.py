"""The ride-code (乘车码) stack of a city: code, gate, tap, ride, price.

Data flows one way, and so do imports; each room's docstring is its door plate:

    phone ──code──▶ validator ──tap──▶ taps ──▶ rides ◀── fares
"""
