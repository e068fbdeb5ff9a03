"""What every result says about itself."""

NOTICE = (
    "This score imitates a public data set whose labels are largely a formula. "
    "It does not predict a hiring outcome. A person decides."
)
