namespace Millrace.Benchmarks.Http.Bank;

/// <summary>The model of the Millrace application in the HTTP benchmarks.</summary>
[Model]
public sealed partial class BankModel;

/// <summary>The id of an account.</summary>
[Id<Guid>]
public readonly partial record struct AccountId;

/// <summary>An account was opened.</summary>
[Event("bank.account-opened")]
public sealed record BankAccountOpened(AccountId Account, string Owner);

/// <summary>Money was deposited.</summary>
[Event("bank.money-deposited")]
public sealed record MoneyDeposited(AccountId Account, decimal Amount);

/// <summary>Opens an account.</summary>
public sealed record OpenBankAccount(AccountId Account, string Owner) : ICommand;

/// <summary>Deposits money.</summary>
public sealed record DepositMoney(AccountId Account, decimal Amount) : ICommand;

/// <summary>An account.</summary>
[Stream("account")]
public sealed partial class BankAccount : Aggregate<AccountId>
{
    private string _owner = "";
    private decimal _balance;

    /// <summary>Opens the account.</summary>
    public void Open(string owner) => Raise(new BankAccountOpened(Id, owner));

    /// <summary>Deposits money.</summary>
    public void Deposit(decimal amount)
    {
        var isSound = amount > 0 && _balance + amount < 1_000_000_000;
        Require(_owner.Length > 0 && isSound, "amount-is-sound", "The amount must be positive and not too large.");
        Raise(new MoneyDeposited(Id, amount));
    }

    private void When(BankAccountOpened opened) => _owner = opened.Owner;

    private void When(MoneyDeposited deposited) => _balance += deposited.Amount;
}

/// <summary>The handlers of the commands.</summary>
public static class BankCommands
{
    /// <summary>Opens an account.</summary>
    public static void Handle(OpenBankAccount command, [New] BankAccount account) => account.Open(command.Owner);

    /// <summary>Deposits money.</summary>
    public static void Handle(DepositMoney command, BankAccount account) => account.Deposit(command.Amount);
}
