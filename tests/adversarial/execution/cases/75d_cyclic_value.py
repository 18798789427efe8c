# verdict: wrong_answer
# does: returns a list that holds itself


def solve(values):
    answer = [1, 2]
    answer.append(answer)
    return answer
