"""Bank accounts that share deposits but differ in what may be withdrawn."""


class InsufficientFunds(Exception):
    def __init__(self, wanted, available):
        super().__init__(f"wanted {wanted}, only {available} available")
        self.shortfall = wanted - available


class Account:
    def __init__(self, label, opening_balance=0):
        self.label = label
        self._balance = opening_balance

    @property
    def balance(self):
        return self._balance

    @property
    def available(self):
        return self._balance

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError("a deposit must be above zero")
        self._balance += amount

    def withdraw(self, amount):
        if amount > self.available:
            raise InsufficientFunds(amount, self.available)
        self._balance -= amount

    def __str__(self):
        return f"{self.label:<8} {self.balance:>6} (available {self.available})"


class CurrentAccount(Account):
    def __init__(self, label, opening_balance=0, overdraft=0):
        super().__init__(label, opening_balance)
        self.overdraft = overdraft

    @property
    def available(self):
        return self.balance + self.overdraft


class SavingsAccount(Account):
    def __init__(self, label, opening_balance=0, percent=2):
        super().__init__(label, opening_balance)
        self.percent = percent

    def add_interest(self):
        interest = self.balance * self.percent // 100
        if interest > 0:
            self.deposit(interest)
        return interest


def transfer(source, target, amount):
    try:
        source.withdraw(amount)
    except InsufficientFunds as error:
        print(f"{amount} to {target.label} refused: {error}")
        return error.shortfall
    else:
        target.deposit(amount)
        print(f"{amount} from {source.label} to {target.label}")
        return 0


def main():
    current = CurrentAccount("current", 300, overdraft=200)
    savings = SavingsAccount("savings", 1000)

    transfer(current, savings, 450)
    if shortfall := transfer(current, savings, 120):
        transfer(savings, current, shortfall)
        transfer(current, savings, 120)
    print("interest:", savings.add_interest())
    for account in (current, savings):
        print(account)


if __name__ == "__main__":
    main()
