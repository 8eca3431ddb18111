using System.Globalization;

namespace Millrace.Auditing;

/// <summary>
/// The uses of the data keys of a tenant that are not in the audit trail yet. Lists the first use of a key's owner in
/// an hour, and counts the rest if there are many. Thread-safe.
/// </summary>
internal sealed class KeyUseQueue(TimeProvider time)
{
    /// <summary>
    /// The maximum number of uses of one action in an hour that are listed. Further uses are counted, for example those
    /// of a rebuild, which reads the keys of all data subjects.
    /// </summary>
    public const int MaxListedPerHour = 1_000;

    /// <summary>The maximum number of entries that wait. Above it, uses are counted.</summary>
    public const int MaxQueued = 10_000;

    private const string AllResources = "*";

    private readonly Lock _lock = new();
    private readonly Queue<AuditEntry> _entries = new();
    private readonly HashSet<KeyOwner> _read = [];
    private readonly Dictionary<string, int> _listed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _counted = new(StringComparer.Ordinal);
    private long _hour;

    public void Add(KeyUse use)
    {
        lock (_lock)
        {
            StartHour();
            if (use.Action == KeyUse.Read && !_read.Add(use.Owner))
                return;
            var listed = _listed.GetValueOrDefault(use.Action);
            if (_entries.Count >= MaxQueued || (use.MayBeCounted && listed >= MaxListedPerHour))
            {
                _counted[use.Action] = _counted.GetValueOrDefault(use.Action) + 1;
                // The set is bounded by the limit on listed reads. Later uses of the same owner count again.
                _read.Remove(use.Owner);
                return;
            }
            _listed[use.Action] = listed + 1;
            _entries.Enqueue(use.ToEntry());
        }
    }

    /// <summary>Returns whether there are entries or counted uses.</summary>
    public bool HasAny
    {
        get
        {
            lock (_lock)
                return _entries.Count + _counted.Count > 0;
        }
    }

    /// <summary>Removes up to a number of entries, oldest first.</summary>
    /// <param name="max">The maximum number, with at most five more for counted uses.</param>
    /// <param name="includesCounted">Whether the counted uses are also removed, as one entry for each action.</param>
    public IReadOnlyList<AuditEntry> Take(int max, bool includesCounted)
    {
        var taken = new List<AuditEntry>();
        lock (_lock)
        {
            while (taken.Count < max && _entries.TryDequeue(out var entry))
                taken.Add(entry);
            if (includesCounted && _entries.Count == 0)
            {
                foreach (var (action, count) in _counted)
                    taken.Add(Summary(action, count));
                _counted.Clear();
            }
        }
        return taken;
    }

    /// <summary>Puts entries back that could not be recorded.</summary>
    public void Return(IReadOnlyList<AuditEntry> entries)
    {
        lock (_lock)
        {
            var later = _entries.ToArray();
            _entries.Clear();
            foreach (var entry in entries)
                _entries.Enqueue(entry);
            foreach (var entry in later)
                _entries.Enqueue(entry);
        }
    }

    private static AuditEntry Summary(string action, long count) =>
        new(action, AllResources, AuditResult.Succeeded)
        {
            Reason = string.Create(
                CultureInfo.InvariantCulture,
                $"{count} further uses, which are not listed: more than {MaxListedPerHour} in an hour"),
        };

    private void StartHour()
    {
        var hour = time.GetUtcNow().Ticks / TimeSpan.TicksPerHour;
        if (hour == _hour)
            return;
        _hour = hour;
        _read.Clear();
        _listed.Clear();
    }
}
