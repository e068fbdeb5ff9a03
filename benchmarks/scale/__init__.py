"""What pages, exports, polls and finishing transactions cost while the tables grow a hundredfold."""
