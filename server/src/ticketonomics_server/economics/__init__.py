"""What the economy is worth in money: for operators alone, on their own machine.

Nothing else of the server knows of it, and no contract, answer, page or message tells of it: see
`tests/tidy/test_money.py`.
"""
