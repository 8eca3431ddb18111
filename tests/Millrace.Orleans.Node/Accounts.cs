namespace Millrace.Bank;

/// <summary>Accounts whose answers name the node that handled the command.</summary>
[Model]
public sealed partial class Accounts;

[Id<string>]
public readonly partial record struct AccountId;

/// <summary>The name of a node.</summary>
public sealed record NodeName(string Value);

[Event("account.deposited")]
public sealed record Deposited(string Id, long Amount);

[Event("account.withdrawn")]
public sealed record Withdrawn(long Amount);

/// <summary>Deposits an amount; the id is recorded, so that a test can find doubled deposits.</summary>
public sealed record Deposit(AccountId Account, long Amount, string Id) : ICommand<Receipt>;

public sealed record Withdraw(AccountId Account, long Amount) : ICommand<Receipt>;

/// <summary>Waits until it is cancelled.</summary>
public sealed record Wait(AccountId Account) : ICommand<Receipt>;

public sealed record Receipt(long Balance, string Node);

/// <summary>A refusal of the application with its own property.</summary>
public sealed class OverdrawnException(long missing)
    : InvariantViolatedException(nameof(Account), "balance", $"The account lacks {missing}.")
{
    public long Missing { get; } = missing;
}

[Stream("account")]
public sealed partial class Account : Aggregate<AccountId>
{
    private const long MaxDeposit = 1_000;

    public long Balance { get; private set; }

    public void Deposit(long amount, string id)
    {
        if (amount > MaxDeposit)
            throw new InvariantViolatedException(nameof(Account), "max-deposit", $"At most {MaxDeposit} is deposited.");
        Raise(new Deposited(id, amount));
    }

    public void Withdraw(long amount)
    {
        if (amount > Balance)
            throw new OverdrawnException(amount - Balance);
        Raise(new Withdrawn(amount));
    }

    private void When(Deposited deposited) => Balance += deposited.Amount;

    private void When(Withdrawn withdrawn) => Balance -= withdrawn.Amount;
}

public static class AccountHandlers
{
    public static void Validate(Deposit command, ValidationProblems problems) =>
        problems.Require(command.Amount > 0, "amount", "must be positive");

    public static Receipt Handle(Deposit command, [OrNew] Account account, NodeName node)
    {
        account.Deposit(command.Amount, command.Id);
        return new Receipt(account.Balance, node.Value);
    }

    public static Receipt Handle(Withdraw command, Account account, NodeName node)
    {
        account.Withdraw(command.Amount);
        return new Receipt(account.Balance, node.Value);
    }

    public static async Task<Receipt> Handle(
        Wait command, [OrNew] Account account, NodeName node, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return new Receipt(account.Balance, node.Value);
    }
}
