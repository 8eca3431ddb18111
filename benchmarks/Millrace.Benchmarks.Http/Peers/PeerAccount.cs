namespace Millrace.Benchmarks.Http.Peers;

/// <summary>The account aggregate of Marten and Wolverine.</summary>
public sealed class PeerAccount
{
    /// <summary>Gets or sets the id.</summary>
    public Guid Id { get; set; }

    /// <summary>Gets or sets the owner.</summary>
    public string Owner { get; set; } = "";

    /// <summary>Gets or sets the balance.</summary>
    public decimal Balance { get; set; }

    /// <summary>Returns the event of an allowed deposit; otherwise throws.</summary>
    public PeerMoneyDeposited Deposit(decimal amount) => amount > 0 && Balance + amount < 1_000_000_000
        ? new PeerMoneyDeposited(Id, amount)
        : throw new InvalidOperationException("The amount must be positive and not too large.");

    /// <summary>Applies an event.</summary>
    public void Apply(PeerAccountOpened opened) => (Id, Owner) = (opened.Account, opened.Owner);

    /// <summary>Applies an event.</summary>
    public void Apply(PeerMoneyDeposited deposited) => Balance += deposited.Amount;
}

/// <summary>An account was opened.</summary>
public sealed record PeerAccountOpened(Guid Account, string Owner);

/// <summary>Money was deposited.</summary>
public sealed record PeerMoneyDeposited(Guid Account, decimal Amount);
