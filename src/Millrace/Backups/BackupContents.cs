using Millrace.Backups.Format;
using Millrace.Storage.Objects;

namespace Millrace.Backups;

/// <summary>The objects of one set, as listed.</summary>
internal sealed class BackupContents
{
    private readonly List<TableCopyName> _copies = [];
    private readonly List<LogObjectName> _log = [];
    private readonly HashSet<TableCopyName> _rows = [];
    private long? _restorable;
    private bool _knowsRestorable;

    public BackupContents(BackupSetId id) => Id = id;

    public BackupSetId Id { get; }

    /// <summary>Gets the table copies, oldest first.</summary>
    public IReadOnlyList<TableCopyName> Copies => _copies;

    /// <summary>
    /// Gets the objects with parts of the log, in order. Two nodes may have written a part with the same number, and a
    /// segment may contain only one of them. All are read: events are equal, and changes may be repeated.
    /// </summary>
    public IReadOnlyList<LogObjectName> Log { get; private set; } = [];

    /// <summary>Gets parts whose numbers a segment has. The segment lists those that it contains.</summary>
    public IReadOnlyList<(LogObjectName Part, LogObjectName Segment)> Covered { get; private set; } = [];

    /// <summary>Gets the table copies with rows that are not complete.</summary>
    public IEnumerable<TableCopyName> IncompleteCopies => _rows.Except(_copies);

    /// <summary>Gets whether changes are missing that no table copy contains.</summary>
    public bool HasOpenGap => Log.Any(
        part => part.FollowsGap && part.FromNumber > LastCopyNumber);

    /// <summary>Gets the last position of the log in the set.</summary>
    public long LastPosition => Log.Count == 0 ? 0 : Log.Max(part => part.Last);

    /// <summary>Gets whether the continuous backup wrote the last object.</summary>
    public bool IsContinuous => Log.Count > 0 && Log[^1].HasAllChanges;

    /// <summary>
    /// Gets the last position that can be restored if no object is damaged; null if there is none. After a gap, or
    /// without all changes, all tables are known only as of a table copy.
    /// </summary>
    public long? RestorablePosition
    {
        get
        {
            // Computed once for each change of the contents, and only if it is asked for.
            if (!_knowsRestorable)
                (_restorable, _knowsRestorable) = (new RestorablePositions(Log, _copies).Latest, true);
            return _restorable;
        }
    }

    /// <summary>Gets the number that the next part gets.</summary>
    public long NextNumber => Math.Max(
        Log.Count == 0 ? 1 : Log.Max(part => part.ToNumber) + 1, _copies.Count == 0 ? 1 : _copies[^1].Number);

    /// <summary>Gets the time of the last event, in milliseconds.</summary>
    public long LastTime => Log.Count == 0 ? 0 : Log.Max(part => part.LastTime);

    private long LastCopyNumber => _copies.Count == 0 ? 0 : _copies[^1].Number;

    /// <summary>Lists the sets of a place.</summary>
    public static async Task<IReadOnlyList<BackupContents>> List(
        IObjectStorage place, string prefix, CancellationToken cancellationToken)
    {
        var sets = new Dictionary<BackupSetId, BackupContents>();
        await foreach (var stored in place.List(prefix, cancellationToken).ConfigureAwait(false))
        {
            if (BackupSetId.Of(stored.Name) is not { } id)
                continue;
            if (!sets.TryGetValue(id, out var contents))
                sets.Add(id, contents = new BackupContents(id));
            contents.Add(stored);
        }
        foreach (var contents in sets.Values)
            contents.Order();
        return [.. sets.Values
            .OrderBy(one => one.Id.Store)
            .ThenBy(one => one.Id.Epoch)
            .ThenBy(one => one.Id.Generation)];
    }

    /// <summary>Adds an object that was just written.</summary>
    public void Add(StoredObject stored)
    {
        if (TableCopyName.Parse(stored.Name) is { } complete)
            _copies.Add(complete);
        else if (stored.Name.StartsWith(Id.Folder + "log/", StringComparison.Ordinal)
            && LogObjectName.Parse(stored.Name, stored.Size) is { } part)
            _log.Add(part);
        else if (TableCopyName.OfRows(stored.Name) is { } rows)
            _rows.Add(rows);
    }

    /// <summary>Orders the objects after the last one was added.</summary>
    public void Order()
    {
        _knowsRestorable = false;
        _copies.Sort((left, right) => (left.Number, left.Time).CompareTo((right.Number, right.Time)));
        Log = [.. _log
            .OrderBy(part => part.FromNumber)
            .ThenByDescending(part => part.ToNumber)
            .ThenBy(part => part.First)];
        var covered = new List<(LogObjectName, LogObjectName)>();
        LogObjectName? segment = null;
        foreach (var part in Log)
        {
            if (!part.IsPart)
                segment = segment is null || part.ToNumber > segment.ToNumber ? part : segment;
            else if (part.ToNumber <= segment?.ToNumber)
                covered.Add((part, segment));
        }
        Covered = covered;
    }

    /// <summary>Returns true if the set has the part or table copy that a store notes.</summary>
    public bool Contains(string label) =>
        Log.Any(part => part.Label == label) || _copies.Any(copy => copy.Label == label);

    /// <summary>
    /// Removes the parts that segments contain, in a place that refuses their deletion, so that they need no memory.
    /// </summary>
    public void ForgetCovered()
    {
        var covered = Covered.Select(one => one.Part).ToHashSet();
        _log.RemoveAll(covered.Contains);
        Order();
    }

    /// <summary>Removes an object that was just deleted.</summary>
    public void Remove(LogObjectName part)
    {
        _log.Remove(part);
        Order();
    }
}
