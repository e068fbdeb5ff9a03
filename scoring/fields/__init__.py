"""What is read: positions, years, degrees, languages and certifications, with offsets. Start at fields.fields."""
