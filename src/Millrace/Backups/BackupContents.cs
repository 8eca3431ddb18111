using Millrace.Backups.Format;
using Millrace.Storage.Objects;

namespace Millrace.Backups;

/// <summary>The objects of one set, as listed.</summary>
internal sealed class BackupContents
{
    private readonly List<TableCopyName> _copies = [];
    private readonly List<LogObjectName> _log = [];

    public BackupContents(BackupSetId id) => Id = id;

    public BackupSetId Id { get; }

    /// <summary>Gets the table copies, oldest first.</summary>
    public IReadOnlyList<TableCopyName> Copies => _copies;

    /// <summary>Gets the objects with parts of the log, in order, without parts that a segment replaces.</summary>
    public IReadOnlyList<LogObjectName> Log { get; private set; } = [];

    /// <summary>Gets parts that a segment replaces, and that were not removed yet.</summary>
    public IReadOnlyList<LogObjectName> Replaced { get; private set; } = [];

    /// <summary>Gets the last position of the log in the set.</summary>
    public long LastPosition => Log.Count == 0 ? 0 : Log.Max(part => part.Last);

    /// <summary>Gets the number that the next part gets.</summary>
    public long NextNumber => Math.Max(
        Log.Count == 0 ? 1 : Log[^1].ToNumber + 1, _copies.Count == 0 ? 1 : _copies[^1].Number);

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
    }

    /// <summary>Orders the objects after the last one was added.</summary>
    public void Order()
    {
        _copies.Sort((left, right) => (left.Number, left.Time).CompareTo((right.Number, right.Time)));
        var kept = new List<LogObjectName>();
        var replaced = new List<LogObjectName>();
        var covered = 0L;
        foreach (var part in _log.OrderBy(part => part.FromNumber).ThenByDescending(part => part.ToNumber))
        {
            // Two nodes may have written a part with the same number. Both are read: events are equal, and changes may
            // be repeated. A segment contains both.
            var isReplaced = part.ToNumber <= covered && kept.Any(other =>
                !other.IsPart
                && other.FromNumber <= part.FromNumber
                && other.ToNumber >= part.ToNumber
                && other != part);
            (isReplaced ? replaced : kept).Add(part);
            covered = Math.Max(covered, part.ToNumber);
        }
        Log = kept;
        Replaced = replaced;
    }
}
