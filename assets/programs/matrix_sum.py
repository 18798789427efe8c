def row_sums(matrix):
    widths = {len(row) for row in matrix}
    if len(widths) > 1:
        raise ValueError(f"rows differ in length: {sorted(widths)}")
    return [sum(row) for row in matrix]


grid = [[3, 1, 4], [1, 5, 9], [2, 6, 5]]
totals = row_sums(grid)
print("row sums:", totals)
print("total:", sum(totals))
