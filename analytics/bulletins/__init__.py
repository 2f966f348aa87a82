"""The monthly bulletin (通报): the city's whole and one page a department, as XLSX and PDF."""
