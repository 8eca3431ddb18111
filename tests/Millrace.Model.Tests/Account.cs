using System.Text.Json.Serialization;

namespace Millrace.Model.Tests;

public sealed record AccountOpened(string Owner);

public sealed record MoneyDeposited(long Amount);

public sealed record MoneyWithdrawn(long Amount);

/// <summary>The aggregate of these tests: a bank account that may not be overdrawn.</summary>
public sealed class Account : Aggregate<Guid>, ISnapshotable<AccountState>
{
    public long Balance { get; private set; }

    public string? Owner { get; private set; }

    public int Evolved { get; private set; }

    public void Open(string owner) => Raise(new AccountOpened(owner));

    public void Deposit(long amount) => Raise(new MoneyDeposited(amount));

    public void Withdraw(long amount)
    {
        Require(Owner is not null, "account-open", "The account is not open.");
        Raise(new MoneyWithdrawn(amount));
    }

    public AccountState TakeSnapshot() => new(Owner, Balance);

    public void Restore(AccountState state) => (Owner, Balance) = (state.Owner, state.Balance);

    protected override void CheckInvariants() =>
        Require(Balance >= 0, "balance-not-negative", "The account may not be overdrawn.");

    protected override void Evolve(object @event)
    {
        Evolved++;
        switch (@event)
        {
            case AccountOpened opened:
                Owner = opened.Owner;
                break;
            case MoneyDeposited deposited:
                Balance += deposited.Amount;
                break;
            case MoneyWithdrawn withdrawn:
                Balance -= withdrawn.Amount;
                break;
        }
    }
}

public sealed record AccountState(string? Owner, long Balance);

public sealed record OpenAccount(Guid Account, string Owner) : ICommand;

public sealed record Deposit(Guid Account, long Amount) : ICommand<Balance>;

public sealed record Withdraw(Guid Account, long Amount) : ICommand<Balance>;

public sealed record Transfer(Guid From, Guid To, long Amount) : ICommand;

public sealed record ReadBalance(Guid Account) : ICommand<Balance>;

public sealed record Ping(int Number) : ICommand<int>;

public sealed record GetBalance(Guid Account) : IQuery<Balance>;

public sealed record Balance(long Amount);

[JsonSerializable(typeof(AccountOpened))]
[JsonSerializable(typeof(MoneyDeposited))]
[JsonSerializable(typeof(MoneyWithdrawn))]
[JsonSerializable(typeof(AccountState))]
[JsonSerializable(typeof(OpenAccount))]
[JsonSerializable(typeof(Deposit))]
[JsonSerializable(typeof(Withdraw))]
[JsonSerializable(typeof(Transfer))]
[JsonSerializable(typeof(Commands.ExternalAction))]
[JsonSerializable(typeof(SeatTaken))]
[JsonSerializable(typeof(Balance))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
public sealed partial class BankJson : JsonSerializerContext;
