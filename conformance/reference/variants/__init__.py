"""Servers that differ from the reference and conform all the same, a module a kind of freedom.

A checker that fails one of these takes a habit of some server for the contract.
"""
