"""Checklists and playbooks: what their conditions say now, what is due, and how a run of one goes."""
