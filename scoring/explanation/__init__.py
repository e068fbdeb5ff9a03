"""Why a score: what the job asks for, what of it the resume shows, and where. Start at explanation.explainer."""
