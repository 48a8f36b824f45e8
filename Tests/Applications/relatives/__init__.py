"""Applications of the same purpose whose tables are made otherwise; on today's packages."""
