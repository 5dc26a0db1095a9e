"""The auditor: whether everybody was told who should have been. It knows nothing of the ladders' own code."""
