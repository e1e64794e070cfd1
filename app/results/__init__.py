"""What teams report of their sessions: kept for ever, counted once, learned from.

For other parts of the product:

``totals.village_totals(session, regency, *, since=None, until=None)``
    ``dict[str, dict[str, Outcomes]]``: village code -> programme -> whole people by outcome, of all
    sessions that count now with ``since < day <= until``. What a session served of several villages
    is shared out among them, so sums over villages are sums over sessions.
``standing.standing(session, *, regency=None, plan_id=None, until_entry=None)``
    ``Standing``: ``sessions`` (place, counts by programme, times, signal, power, what it rests on)
    and ``contradictions``.
``outcomes.Outcomes``
    People by what became of them; adds up; ``came`` and ``cleared`` (deceased, moved).
"""
