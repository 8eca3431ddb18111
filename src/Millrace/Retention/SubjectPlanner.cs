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
    /// <summary>The reason of kept data that has not expired as a whole.</summary>
    public const string Younger = "has younger data, or data under another policy";


    private readonly Dictionary<string, KeyUse> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<StreamId, DateTimeOffset> _lastTimes = [];
    private readonly Dictionary<string, List<KeyUse>> _subjects = new(StringComparer.Ordinal);
    private readonly List<string> _newKeys = [];
    private long _position;

    /// <summary>Finds the subjects with expired data, with the policy and the reason why the data is kept.</summary>
    public async Task<IReadOnlyList<ExpiredSubject>> Find(CancellationToken cancellationToken)
    {
        if (scope.Store.Stored.Protection?.Keys is not { } keys)
            return [];
        await ReadNew(keys, cancellationToken).ConfigureAwait(false);
        var holds = await new ErasureLog(scope).ReadHolds(scope.Store.Time.GetUtcNow(), cancellationToken)
            .ConfigureAwait(false);
        var held = holds.Holds.Select(hold => hold.Subject).ToHashSet(StringComparer.Ordinal);
        var found = new List<ExpiredSubject>();
        foreach (var (subject, uses) in _subjects.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            // Without a policy, nothing of the subject has expired.
            if (uses.Select(use => use.Policy).FirstOrDefault(policy => policy is not null) is not { } policy)
                continue;
            var isYoung = uses.Any(IsYoung);
            found.Add(new ExpiredSubject(
                subject, policy, isYoung, held.Contains(subject) ? "legal hold" : isYoung ? Younger : null));
        }
        return found;
    }

    /// <summary>
    /// Reads the events that were appended since the last call. Returns whether all data of the subject still has
    /// expired.
    /// </summary>
    public async Task<bool> HasExpired(string subject, CancellationToken cancellationToken)
    {
        await ReadNew(scope.Keys, cancellationToken).ConfigureAwait(false);
        return !_subjects[subject].Any(IsYoung);
    }

    /// <summary>Returns the ids of the keys of the values in an event that has encrypted values.</summary>
    public static IReadOnlyList<string> KeyIdsOf(RecordedEvent recorded) =>
        EncryptedValueLocator.Find(recorded.Payload.Span) is { Count: > 0 } found
            ? [.. found.Select(value => value.Text.KeyId).Distinct(StringComparer.Ordinal)]
            : recorded.EncryptionKeyId is { } id ? [id] : [];

    private bool IsYoung(KeyUse use) =>
        use.IsYoung || use.Streams.Any(entry => !entry.Value.IsErasable(_lastTimes[entry.Key], now));

    private async Task ReadNew(KeyRing keys, CancellationToken cancellationToken)
    {
        await foreach (var recorded in scope.ReadEvents(scope.Filter(), _position, cancellationToken)
            .ConfigureAwait(false))
        {
            await Add(recorded, cancellationToken).ConfigureAwait(false);
            _position = recorded.Position;
        }
        await Group(keys, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask Add(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        var rule = rules.For(recorded.Type, new StreamId(scope.ToOwn(recorded.Stream.Value)).Category);
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
        foreach (var id in KeyIdsOf(recorded))
        {
            if (!_keys.TryGetValue(id, out var use))
            {
                _keys[id] = use = new KeyUse();
                _newKeys.Add(id);
            }
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

    /// <summary>
    /// Adds the new uses of keys to their subjects. Destroyed keys, and keys that belong to no subject, are omitted.
    /// </summary>
    private async ValueTask Group(KeyRing keys, CancellationToken cancellationToken)
    {
        await foreach (var record in keys.FindRecords(_newKeys, cancellationToken).ConfigureAwait(false))
        {
            if (record.State == KeyState.Destroyed || record.Owner.Subject.Length == 0)
                continue;
            if (!_subjects.TryGetValue(record.Owner.Subject, out var uses))
                _subjects[record.Owner.Subject] = uses = [];
            uses.Add(_keys[record.Id]);
        }
        _newKeys.Clear();
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
