using Millrace;

namespace TrimmedApp;

[Model] public sealed partial class Ledger;

[Id<Guid>] public readonly partial record struct AccountId;

[Value<string>]
public readonly partial record struct Owner
{
    private static string? Problem(string value) =>
        value.Length is > 0 and <= 100 ? null : "it must have 1 to 100 characters";
}

public enum Currency
{
    Euro,
    Pound,
}

[Event("account.opened")]
public sealed record AccountOpened([property: Tag("account")] AccountId Account, Owner Owner, Currency Currency);

[Event("money.deposited")]
public sealed record MoneyDeposited(AccountId Account, decimal Amount, IReadOnlyList<string> Notes);

public sealed record OpenAccount(AccountId Account, Owner Owner) : ICommand;
public sealed record Deposit(AccountId Account, decimal Amount) : ICommand<Receipt>;
public sealed record Receipt(decimal Balance);
public sealed record GetBalance(AccountId Account) : IQuery<decimal>;

[Stream("account"), Snapshot(Every = 2)]
public sealed partial class Account : Aggregate<AccountId>, ISnapshotable<AccountState>
{
    public decimal Balance { get; private set; }

    public void Open(Owner owner) => Raise(new AccountOpened(Id, owner, Currency.Pound));

    public void Deposit(decimal amount)
    {
        Require(amount > 0, "deposit-positive", "A deposit is more than nothing.");
        Raise(new MoneyDeposited(Id, amount, ["by hand"]));
    }

    public AccountState TakeSnapshot() => new(Balance);

    public void Restore(AccountState state) => Balance = state.Balance;

    private void When(MoneyDeposited deposited) => Balance += deposited.Amount;
}

public sealed record AccountState(decimal Balance);

public static class AccountHandlers
{
    public static void Handle(OpenAccount command, [New] Account account) => account.Open(command.Owner);

    public static Receipt Handle(Deposit command, Account account)
    {
        account.Deposit(command.Amount);
        return new(account.Balance);
    }

    public static async Task<decimal> Handle(
        GetBalance query,
        IReadModel<AccountId, Balance> balances,
        QueryContext context,
        CancellationToken cancellationToken)
    {
        var read = await balances.Get(query.Account, new ReadAfter(context.After), cancellationToken);
        return read.Value?.Amount ?? 0;
    }
}

public sealed record Balance(AccountId Account, Owner Owner, [property: Indexed] decimal Amount);

[Projection("balances")]
public sealed partial class Balances : Projection<AccountId, Balance>
{
    public static AccountId Key(AccountOpened opened) => opened.Account;
    public static AccountId Key(MoneyDeposited deposited) => deposited.Account;

    public static Balance? Apply(Balance? balance, AccountOpened opened) => new(opened.Account, opened.Owner, 0);
    public static Balance? Apply(Balance? balance, MoneyDeposited deposited)
        => balance is null ? null : balance with { Amount = balance.Amount + deposited.Amount };
}
