"""Read what annotation tools export, and tables from a spreadsheet: records with their places in the export."""
