"""What every pack says of itself."""

NOTICE = (
    "The score imitates a public data set whose labels are largely a formula. It is no hiring outcome and says nothing "
    "of how a person would do the work. A person decides."
)
