"""`make bench`: ratios of Winnow to what else does the same work, in one run. Its rows are benchmarks/rows."""
