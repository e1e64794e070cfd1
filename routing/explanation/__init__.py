"""Why a plan is as it is: reasons, contradicting rules, remedies, the price of wishes."""
