namespace Millrace.Faults;

/// <summary>
/// The events and documents of the node: deposits by account, writer, bucket and day. Each writer numbers its deposits.
/// </summary>
[Model]
public sealed partial class Ledger;

[Event("account.deposited")]
public sealed record Deposited(string Account, int Writer, long Sequence, long Amount, int Bucket);

/// <summary>The sum and the number of deposits, and the greatest sequence number.</summary>
public sealed record Total(long Amount, long Deposits, long LastSequence)
{
    public static Total Add(Total? total, Deposited deposited) =>
        total is null
            ? new Total(deposited.Amount, 1, deposited.Sequence)
            : new Total(
                total.Amount + deposited.Amount, total.Deposits + 1, Math.Max(total.LastSequence, deposited.Sequence));
}

public sealed record AccountTotal(Total Sum);

public sealed record AccountCopy(Total Sum);

public sealed record WriterTotal(Total Sum);

public sealed record BucketTotal(Total Sum);

[Projection("account-totals", Lifecycle = ProjectionLifecycle.Inline, Stream = "account")]
public sealed partial class AccountTotals : Projection<string, AccountTotal>
{
    public static string Key(Deposited deposited) => deposited.Account;

    public static AccountTotal? Apply(AccountTotal? total, Deposited deposited) =>
        new(Total.Add(total?.Sum, deposited));
}

[Projection("account-copies")]
public sealed partial class AccountCopies : Projection<string, AccountCopy>
{
    public static string Key(Deposited deposited) => deposited.Account;

    public static AccountCopy? Apply(AccountCopy? total, Deposited deposited) => new(Total.Add(total?.Sum, deposited));
}

[Projection("writer-totals")]
public sealed partial class WriterTotals : Projection<int, WriterTotal>
{
    public static int Key(Deposited deposited) => deposited.Writer;

    public static WriterTotal? Apply(WriterTotal? total, Deposited deposited) => new(Total.Add(total?.Sum, deposited));
}

[Projection("bucket-totals")]
public sealed partial class BucketTotals : Projection<int, BucketTotal>
{
    public static int Key(Deposited deposited) => deposited.Bucket;

    public static BucketTotal? Apply(BucketTotal? total, Deposited deposited) => new(Total.Add(total?.Sum, deposited));
}
