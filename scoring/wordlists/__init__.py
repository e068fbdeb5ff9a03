"""Lists of words, a text file each, and what is asked of them; shared by redaction and fields."""
