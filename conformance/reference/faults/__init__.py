"""Servers with one bug each, a module a part of the contract.

A fault overrides as little of the reference server as its bug needs, and names the requirement
that it breaks most directly first.
"""
