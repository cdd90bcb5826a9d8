"""What is made of the results of runs (the files of --json): the site with the matrix, Markdown, TAP and
badges. Nothing here runs a case or judges one; everything is said by the results.
"""
