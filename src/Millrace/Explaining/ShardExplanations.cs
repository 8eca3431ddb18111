using System.Runtime.ExceptionServices;
using Millrace.Consuming;
using Millrace.Storage;

namespace Millrace.Explaining;

/// <summary>The explanations of one store, or of all shards.</summary>
/// <param name="hosts">The consumers of the stores.</param>
/// <param name="findShard">Finds the shard of a stream; null without shards.</param>
/// <param name="model">The application's model.</param>
/// <param name="tables">The projections into tables.</param>
internal sealed class ShardExplanations(
    ShardHosts hosts,
    Func<StreamId, CancellationToken, ValueTask<string>>? findShard,
    ModelCatalog model,
    IReadOnlyList<SqlProjection> tables)
{
    /// <summary>Returns the stores of all shards.</summary>
    /// <exception cref="ShardUnavailableException">A shard is not available.</exception>
    public IReadOnlyList<EventStore> ListStores() => [.. hosts.RequireAll().Select(static shard => shard.Host.Store)];

    /// <summary>Returns the only store.</summary>
    /// <exception cref="NotAcrossShardsException">There are several.</exception>
    public EventStore RequireSingle(string operation) => ListStores() is [var single]
        ? single
        : throw new NotAcrossShardsException(
            operation, "Positions belong to the log of one shard: use Shards.ExplanationsOf.");

    /// <summary>Returns the explanations of the store that contains a stream, and its shard.</summary>
    public async ValueTask<(StoreExplanations Store, ShardHost Shard)> FindOf(
        StreamId stream, CancellationToken cancellationToken)
    {
        var name = findShard is null ? null : await findShard(stream, cancellationToken).ConfigureAwait(false);
        var shard = hosts.RequireAll(name)[0];
        return (Of(shard), shard);
    }

    /// <summary>
    /// Explains a value in the shards that have a part of it. If no shard has one, returns the explanation of the home
    /// shard.
    /// </summary>
    public async Task<Explanation> Explain(
        ExplanationOptions options, Func<StoreExplanations, Task<Explanation>> explain)
    {
        var shards = hosts.RequireAll(options.Shard);
        if (shards is [var single])
            return InShard(await explain(Of(single)).ConfigureAwait(false), single);
        if (options.Until is not null || options.Continuation is not null)
        {
            throw new NotAcrossShardsException(
                "A value cannot be explained at a position or from a continuation",
                "Positions belong to the log of one shard: name the shard in the options.");
        }
        var (found, first) = await ExplainAll(shards, explain).ConfigureAwait(false);
        if (found.Count == 0)
            first!.Throw(); // No shard has the value, and each has reported why.
        return Combine(found);
    }

    /// <summary>Returns an explanation that names its shard.</summary>
    public static Explanation InShard(Explanation found, ShardHost shard) =>
        found with { Shard = shard.Shard, DeadLetters = InShard(found.DeadLetters, shard) };

    /// <summary>Returns a view that names its shard.</summary>
    public static EntityView InShard(EntityView view, ShardHost shard) =>
        view with { Shard = shard.Shard, DeadLetters = InShard(view.DeadLetters, shard) };

    /// <summary>Returns differences that name their shard.</summary>
    public static EntityDifference InShard(EntityDifference found, ShardHost shard) => found with
    {
        Before = InShard(found.Before, shard),
        After = InShard(found.After, shard),
        OpenedDeadLetters = InShard(found.OpenedDeadLetters, shard),
        ClosedDeadLetters = InShard(found.ClosedDeadLetters, shard),
    };

    private static IReadOnlyList<DeadLetter> InShard(IReadOnlyList<DeadLetter> letters, ShardHost shard) =>
        shard.Shard is null
            ? letters
            : [.. letters.Select(letter => DeadLetterId.InShard(letter, shard.Shard, shard.Index))];

    private async Task<(List<Explanation> Found, ExceptionDispatchInfo? First)> ExplainAll(
        IReadOnlyList<ShardHost> shards, Func<StoreExplanations, Task<Explanation>> explain)
    {
        var found = new List<Explanation>();
        ExceptionDispatchInfo? first = null;
        foreach (var shard in shards) // One after the other, because each search of a log takes memory.
        {
            try
            {
                found.Add(InShard(await explain(Of(shard)).ConfigureAwait(false), shard));
            }
            catch (NothingToExplainException exception)
            {
                first ??= ExceptionDispatchInfo.Capture(exception);
            }
        }
        return (found, first);
    }

    /// <summary>Returns the explanation of the part with the newest change, with those of the other parts.</summary>
    private static Explanation Combine(List<Explanation> found)
    {
        // Of the keys that exist, the longest is used, as in one store.
        var key = found.Where(IsPart).Select(static one => one.Key).MaxBy(static key => key.Length);
        Explanation[] parts =
        [
            .. found.Where(one => IsPart(one) && one.Key == key)
                .OrderByDescending(static one => one.Answer?.Event.Timestamp ?? DateTimeOffset.MinValue),
        ];
        return parts.Length == 0 ? found[0] : parts[0] with { OtherParts = parts[1..] };
    }

    private static bool IsPart(Explanation one) => one.Exists || one.Events > 0 || one.DeadLetterCount > 0;

    private StoreExplanations Of(ShardHost shard) => new(shard.Host, model, tables);
}
