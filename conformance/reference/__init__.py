"""The embedded reference server, its faults and its conforming variants."""
