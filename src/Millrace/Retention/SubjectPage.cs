using Millrace.Erasing;

namespace Millrace.Retention;

/// <summary>
/// The data subjects of a partition with the uses of their keys in the log. If they are too many for the memory, it
/// keeps a part of them, and the others need another page.
/// </summary>
/// <param name="scope">The store.</param>
/// <param name="rules">The policies. Data has expired only if it has by each of them.</param>
/// <param name="timeOf">Returns the time of an event for a policy; null if it has none.</param>
/// <param name="now">The time at which data must have expired.</param>
/// <param name="partition">The subjects.</param>
/// <param name="maxEntries">The maximum number of keys and of streams with values of a key.</param>
internal sealed class SubjectPage(
    ErasureScope scope,
    IReadOnlyList<RetentionRules> rules,
    Func<RecordedEvent, RetentionRule, CancellationToken, ValueTask<DateTimeOffset?>> timeOf,
    DateTimeOffset now,
    SubjectPartition partition,
    int maxEntries)
{
    private const int KeysPerRead = 1_000;

    private readonly Dictionary<string, KeyUse> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KeyUse> _newKeys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<KeyUse>> _subjects = new(StringComparer.Ordinal);
    private readonly Dictionary<(int Rules, StreamId Stream), DateTimeOffset> _lastTimes = [];
    private readonly List<SubjectPartition> _rest = [];
    private long _position;
    private long _loadedTo;
    private int _entries;

    /// <summary>Gets the subjects that the page contains.</summary>
    public SubjectPartition Partition { get; private set; } = partition;

    /// <summary>Gets the largest number of entries that were in memory.</summary>
    public int MaxEntriesInMemory { get; private set; }

    /// <summary>Returns the parts that were too large for this page, once.</summary>
    public IReadOnlyList<SubjectPartition> TakeRest()
    {
        var rest = _rest.ToArray();
        _rest.Clear();
        return rest;
    }

    /// <summary>Returns the subjects, in ordinal order.</summary>
    public IReadOnlyList<string> ListSubjects() => [.. _subjects.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Returns the policy by which data of a subject has expired; null if nothing has.</summary>
    public string? PolicyOf(string subject) =>
        _subjects[subject].Select(use => use.Policy).FirstOrDefault(policy => policy is not null);

    /// <summary>Returns whether some data of a subject has not expired.</summary>
    public bool IsYoung(string subject) => _subjects[subject].Any(IsYoung);

    /// <summary>Reads the keys of the subjects, and all events.</summary>
    public async Task Load(CancellationToken cancellationToken)
    {
        // A key is created before the first event with its values, so that later events can have other keys.
        _loadedTo = (await scope.Storage.Log.GetHead(cancellationToken).ConfigureAwait(false)).Position;
        var query = new KeyQuery { Tenant = scope.Tenant, Limit = KeysPerRead };
        await foreach (var record in scope.Keys.ReadRecords(query, cancellationToken).ConfigureAwait(false))
        {
            if (Belongs(record))
                AddKey(record, new KeyUse(record.Id));
            Shrink();
        }
        await ReadNew(mayShrink: true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the events that were appended since the last call.</summary>
    /// <param name="mayShrink">Whether subjects may be left to another page.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task ReadNew(bool mayShrink, CancellationToken cancellationToken)
    {
        await foreach (var recorded in scope.ReadEvents(scope.Filter(), _position, cancellationToken)
            .ConfigureAwait(false))
        {
            await Add(recorded, cancellationToken).ConfigureAwait(false);
            _position = recorded.Position;
            if (mayShrink)
                Shrink();
        }
        await foreach (var record in scope.Keys.FindRecords(_newKeys.Keys, cancellationToken).ConfigureAwait(false))
        {
            if (Belongs(record))
                AddKey(record, _newKeys[record.Id]);
        }
        _newKeys.Clear();
    }

    /// <summary>
    /// Returns whether a key belongs to a subject of the page. Destroyed keys, and keys of no subject, do not count.
    /// </summary>
    private bool Belongs(KeyRecord record) =>
        record.State != KeyState.Destroyed && record.Owner.Subject.Length > 0
        && Partition.Contains(record.Owner.Subject);

    private void AddKey(KeyRecord record, KeyUse use)
    {
        if (!_keys.TryAdd(record.Id, use))
            return;
        if (!_subjects.TryGetValue(record.Owner.Subject, out var uses))
            _subjects[record.Owner.Subject] = uses = [];
        uses.Add(use);
        Count();
    }

    private async ValueTask Add(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        var uses = recorded.EncryptionKeyId is null ? [] : FindUses(recorded);
        var category = new StreamId(scope.ToOwn(recorded.Stream.Value)).Category;
        var isExpired = true;
        for (var i = 0; i < rules.Count; i++)
        {
            var stream = (Rules: i, recorded.Stream);
            if (uses.Count == 0 && !_lastTimes.ContainsKey(stream))
                continue;
            var rule = rules[i].For(recorded.Type, category);
            var time = rule?.EraseAfter is null
                ? null
                : await timeOf(recorded, rule, cancellationToken).ConfigureAwait(false);
            var expiredBy = time is { } own && rule!.IsErasable(own, now) ? rule : null; // A time requires a policy.
            isExpired &= expiredBy is not null;
            foreach (var use in uses)
                AddUse(use, stream, expiredBy);
            if (time is { } last && _lastTimes.ContainsKey(stream) && rule!.Target != RetentionTarget.EventType)
                _lastTimes[stream] = last;
        }
        foreach (var use in isExpired ? uses : [])
            use.Policy ??= rules[0].For(recorded.Type, category)?.ToString();
    }

    /// <summary>Returns the keys of an event that belong to the page, and those that are newer than the page.</summary>
    private List<KeyUse> FindUses(RecordedEvent recorded)
    {
        var uses = new List<KeyUse>();
        foreach (var id in SubjectPlanner.KeyIdsOf(recorded))
        {
            if (_keys.TryGetValue(id, out var use) || _newKeys.TryGetValue(id, out use))
                uses.Add(use);
            else if (recorded.Position > _loadedTo)
                uses.Add(_newKeys[id] = new KeyUse(id));
        }
        return uses;
    }

    /// <summary>Adds an event with values of a key.</summary>
    /// <param name="use">The key.</param>
    /// <param name="stream">The stream of the event.</param>
    /// <param name="expiredBy">The policy by which the event has expired; null if it has not.</param>
    private void AddUse(KeyUse use, (int Rules, StreamId Stream) stream, RetentionRule? expiredBy)
    {
        if (expiredBy is null)
        {
            use.IsYoung = true;
            return;
        }
        if (expiredBy.Target == RetentionTarget.EventType)
            return; // Only the time of the event counts, and it has expired.
        _lastTimes.TryAdd(stream, DateTimeOffset.MinValue);
        if (use.Add(stream, expiredBy))
            Count();
    }

    private bool IsYoung(KeyUse use) =>
        use.IsYoung || use.Streams.Any(entry => !entry.Value.IsErasable(_lastTimes[entry.Key], now));

    private void Count()
    {
        _entries++;
        MaxEntriesInMemory = Math.Max(MaxEntriesInMemory, _entries);
    }

    /// <summary>Leaves half of the subjects to another page while there are too many entries.</summary>
    private void Shrink()
    {
        while (_entries > maxEntries && _subjects.Count > 1 && Partition.CanSplit)
        {
            (Partition, var rest) = Partition.Split();
            _rest.Add(rest);
            foreach (var subject in _subjects.Keys.Where(subject => !Partition.Contains(subject)).ToArray())
            {
                foreach (var use in _subjects[subject])
                    _keys.Remove(use.Id);
                _subjects.Remove(subject);
            }
            var streams = _keys.Values.SelectMany(use => use.Streams.Keys).ToHashSet();
            foreach (var unused in _lastTimes.Keys.Where(stream => !streams.Contains(stream)).ToArray())
                _lastTimes.Remove(unused);
            _entries = _keys.Values.Sum(use => 1 + use.Streams.Count);
        }
    }
}
