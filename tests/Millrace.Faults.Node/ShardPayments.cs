using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

[assembly: InternalsVisibleTo("Millrace.Faults.Tests")]

namespace Millrace.Faults;

/// <summary>A payment, in the stream of its payer.</summary>
public sealed record ShardPaid(string Number, string Payee, int Amount, int Bucket);

/// <summary>A payment that has arrived, in the stream of its payee.</summary>
public sealed record ShardCredited(string Number, int Amount);

/// <summary>Records a payment in the stream of its payee.</summary>
public sealed record ShardCredit(string Number, string Payee, int Amount) : ICommand;

/// <summary>The sum of the payments of a bucket, which each shard has a part of.</summary>
public sealed record ShardBucket(long Amount, long Payments) : ICombinable<ShardBucket>
{
    public ShardBucket CombineWith(ShardBucket other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new(Amount + other.Amount, Payments + other.Payments);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ShardPaid))]
[JsonSerializable(typeof(ShardCredited))]
[JsonSerializable(typeof(ShardCredit))]
[JsonSerializable(typeof(ShardBucket))]
internal sealed partial class ShardPaymentsJson : JsonSerializerContext;

/// <summary>
/// The model of the payments, written by hand so that the other nodes do not have it. A process carries each payment
/// from the shard of its payer to the shard of its payee.
/// </summary>
internal static class ShardPayments
{
    public const int Buckets = 5;

    public static StreamId PayeeOf(string payee) => StreamId.For("payee", payee);

    public static string BucketOf(int bucket) => bucket.ToString(CultureInfo.InvariantCulture);

    public static void Register(ModelBuilder model) => model
        .Event("shard.paid", 1, ShardPaymentsJson.Default.ShardPaid)
        .Event("shard.credited", 1, ShardPaymentsJson.Default.ShardCredited)
        .Command(new CommandDefinition<ShardCredit, Nothing>("shard-credit", Record))
        .Json(ShardPaymentsJson.Default)
        .Projection(new ProjectionDefinition<string, ShardBucket>
        {
            Name = "shard-buckets",
            Events = [typeof(ShardPaid)],
            Create = static () => new BucketProjection(),
            Document = ShardPaymentsJson.Default.ShardBucket,
        })
        .Process(new ProcessDefinition<string>("shard-transfer", 1, new Transfer()));

    private static ValueTask<Nothing> Record(
        ShardCredit credit, CommandContext context, CancellationToken cancellationToken)
    {
        context.Append(
            PayeeOf(credit.Payee), ExpectedVersion.Any, new ShardCredited(credit.Number, credit.Amount));
        return new(default(Nothing));
    }

    private sealed class BucketProjection : Projection<string, ShardBucket>
    {
        protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
            keys.Add(BucketOf(((ShardPaid)recorded.Data).Bucket));

        protected internal override ShardBucket? Fold(string key, ShardBucket? document, RecordedEvent recorded)
        {
            var paid = new ShardBucket(((ShardPaid)recorded.Data).Amount, 1);
            return document?.CombineWith(paid) ?? paid;
        }
    }

    private sealed class Transfer : Process<string>
    {
        protected override void Define(ProcessBuilder<string> process) => process
            .StartOn<ShardPaid>(static paid => paid.Number)
            .Step("credit", static (string _, ShardPaid paid) =>
                new ShardCredit(paid.Number, paid.Payee, paid.Amount));
    }
}
