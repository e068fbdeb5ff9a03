"""How many resumes an hour so many GPUs screen, what that costs, and which part is full first."""
