"""Anchor annotations in several processes, of this machine or of a cluster, with the same result as in one."""
