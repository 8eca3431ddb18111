using Millrace.Erasing;
using Millrace.Protection;

namespace Millrace.Retention;

/// <summary>
/// Finds the data subjects whose personal data the policies no longer keep: all streams with an event that has a value
/// of the subject have expired.
/// </summary>
/// <param name="scope">The store.</param>
/// <param name="rules">The policies.</param>
/// <param name="timeOf">Returns the time of an event for a policy; null if it has none.</param>
/// <param name="now">The time at which data must have expired.</param>
internal sealed class SubjectPlanner(
    ErasureScope scope,
    RetentionRules rules,
    Func<RecordedEvent, RetentionRule, CancellationToken, ValueTask<DateTimeOffset?>> timeOf,
    DateTimeOffset now)
{
    private const int KeysPerRead = 500;
    private const string Younger = "has younger data, or data under another policy";

    private readonly Dictionary<string, KeyUse> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<StreamId, DateTimeOffset> _lastTimes = [];

    /// <summary>Finds the subjects with expired data, with the policy and the reason why the data is kept.</summary>
    public async Task<IReadOnlyList<(string Subject, string Policy, string? Kept)>> Find(
        CancellationToken cancellationToken)
    {
        if (scope.Store.Stored.Protection?.Keys is not { } keys)
            return [];
        await foreach (var recorded in scope.ReadEvents(scope.Filter(), cancellationToken).ConfigureAwait(false))
            await Add(recorded, cancellationToken).ConfigureAwait(false);
        foreach (var use in _keys.Values)
            use.IsYoung |= use.Streams.Any(entry => !entry.Value.IsErasable(_lastTimes[entry.Key], now));
        var holds = await new ErasureLog(scope).ReadHolds(scope.Store.Time.GetUtcNow(), cancellationToken)
            .ConfigureAwait(false);
        var held = holds.Holds.Select(hold => hold.Subject).ToHashSet(StringComparer.Ordinal);
        var subjects = await Group(keys, cancellationToken).ConfigureAwait(false);
        return
        [
            .. subjects.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => (
                entry.Key,
                entry.Value.Policy,
                held.Contains(entry.Key) ? "legal hold" : entry.Value.IsYoung ? Younger : null)),
        ];
    }

    private async ValueTask Add(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        var rule = rules.ForType(recorded.Type)
            ?? rules.ForCategory(new StreamId(scope.ToOwn(recorded.Stream.Value)).Category);
        var time = rule?.EraseAfter is null
            ? null
            : await timeOf(recorded, rule, cancellationToken).ConfigureAwait(false);
        if (recorded.EncryptionKeyId is not null)
            AddKeys(recorded, rule, time is { } own && rule!.IsErasable(own, now)); // A time requires a policy.
        if (time is { } last && _lastTimes.ContainsKey(recorded.Stream) && rule!.Target != RetentionTarget.EventType)
            _lastTimes[recorded.Stream] = last;
    }

    private void AddKeys(RecordedEvent recorded, RetentionRule? rule, bool isExpired)
    {
        foreach (var id in KeyIdsOf(recorded.Payload.Span))
        {
            if (!_keys.TryGetValue(id, out var use))
                _keys[id] = use = new KeyUse();
            if (!isExpired || rule is null)
            {
                use.IsYoung = true;
                continue;
            }
            use.Policy ??= rule.ToString();
            if (rule.Target == RetentionTarget.EventType)
                continue; // Only the time of the event counts, and it has expired.
            _lastTimes.TryAdd(recorded.Stream, DateTimeOffset.MinValue);
            use.Streams.TryAdd(recorded.Stream, rule);
        }
    }

    private static IReadOnlyList<string> KeyIdsOf(ReadOnlySpan<byte> payload) =>
        EncryptedValueLocator.Find(payload) is { } found
            ? [.. found.Select(value => value.Text.KeyId).Distinct(StringComparer.Ordinal)]
            : [];

    /// <summary>
    /// Groups the uses of keys by subject. Destroyed keys, and keys that belong to no subject, are omitted.
    /// </summary>
    private async ValueTask<Dictionary<string, (string Policy, bool IsYoung)>> Group(
        KeyRing keys, CancellationToken cancellationToken)
    {
        var subjects = new Dictionary<string, (string? Policy, bool IsYoung)>(StringComparer.Ordinal);
        foreach (var ids in _keys.Keys.Chunk(KeysPerRead))
        {
            foreach (var record in await keys.FindRecords(ids, cancellationToken).ConfigureAwait(false))
            {
                if (record.State == KeyState.Destroyed || record.Owner.Subject.Length == 0)
                    continue;
                var subject = record.Owner.Subject;
                var use = _keys[record.Id];
                var (policy, isYoung) = subjects.GetValueOrDefault(subject);
                subjects[subject] = (policy ?? use.Policy, isYoung || use.IsYoung);
            }
        }
        // Without a policy, nothing of the subject has expired.
        return subjects.Where(entry => entry.Value.Policy is not null).ToDictionary(
            entry => entry.Key, entry => (entry.Value.Policy!, entry.Value.IsYoung), StringComparer.Ordinal);
    }

    /// <summary>The events with values of a key.</summary>
    private sealed class KeyUse
    {
        /// <summary>Gets or sets whether an event has not expired.</summary>
        public bool IsYoung { get; set; }

        /// <summary>Gets or sets the policy of the first expired event; null if none has expired.</summary>
        public string? Policy { get; set; }

        /// <summary>Gets the streams with expired events, which count as expired only with their last event.</summary>
        public Dictionary<StreamId, RetentionRule> Streams { get; } = [];
    }
}
