using Millrace.Protection;

namespace Millrace.Erasing;

/// <summary>The events with encrypted values of a subject, and these values if their keys still exist.</summary>
internal sealed class SubjectTrace
{
    private readonly HashSet<StreamId> _streams = [];
    private readonly HashSet<long> _positions = [];

    public IReadOnlySet<StreamId> Streams => _streams;

    public IReadOnlySet<long> Positions => _positions;

    /// <summary>Gets the number of inspected events.</summary>
    public long Inspected { get; private set; }

    /// <summary>Gets the values; null if they were not read.</summary>
    public ErasedValues? Values { get; private init; }

    /// <summary>Reads the log.</summary>
    /// <param name="scope">The store.</param>
    /// <param name="ids">The ids of the subject's keys.</param>
    /// <param name="withValues">True to decrypt the values.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async Task<SubjectTrace> Read(
        ErasureScope scope, KeyIdSet ids, bool withValues, CancellationToken cancellationToken)
    {
        var trace = new SubjectTrace { Values = withValues ? new ErasedValues() : null };
        await foreach (var recorded in scope.ReadEvents(scope.Filter(), cancellationToken).ConfigureAwait(false))
        {
            trace.Inspected++;
            if (recorded.EncryptionKeyId is null || !ids.IsIn(recorded.Payload.Span))
                continue;
            trace._streams.Add(recorded.Stream);
            trace._positions.Add(recorded.Position);
            if (trace.Values is { } values)
                await AddValues(scope, recorded, ids, values, cancellationToken).ConfigureAwait(false);
        }
        return trace;
    }

    private static async ValueTask AddValues(
        ErasureScope scope,
        RecordedEvent recorded,
        KeyIdSet ids,
        ErasedValues values,
        CancellationToken cancellationToken)
    {
        if (EncryptedValueLocator.Find(recorded.Payload.Span) is not { } found)
            return;
        found.RemoveAll(value => !ids.Contains(value.Text.KeyId));
        var keys = await KeysOf(scope.Keys, found, cancellationToken).ConfigureAwait(false);
        var context = scope.Protection.Scope.OfEvent(recorded.Type, recorded.Stream, recorded.Id);
        foreach (var group in found.GroupBy(value => value.Text.KeyId, StringComparer.Ordinal))
        {
            if (keys.GetValueOrDefault(group.Key) is not { IsDestroyed: false } key)
            {
                values.IsPartial = true;
                continue;
            }
            using var cipher = key.CipherOf(context);
            foreach (var value in group)
            {
                if (cipher.Decrypt(value.Text.Data.Span, value.Path, value.Text.ErasedJson) is { } json)
                    values.Add(json.Span);
            }
        }
    }

    private static async ValueTask<Dictionary<string, DataKey?>> KeysOf(
        KeyRing ring, List<EncryptedValue> values, CancellationToken cancellationToken)
    {
        var keys = new Dictionary<string, DataKey?>(StringComparer.Ordinal);
        foreach (var id in values.Select(value => value.Text.KeyId).Distinct(StringComparer.Ordinal))
        {
            keys[id] = ring.Find(id);
            if (keys[id] is null
                && await ring.Load([id], cancellationToken).ConfigureAwait(false) is [var loaded])
                keys[id] = loaded;
        }
        return keys;
    }
}
