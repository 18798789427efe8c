value = 6
