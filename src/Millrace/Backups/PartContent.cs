using Millrace.Backups.Format;
using Millrace.Storage;
using Millrace.Storage.Backups;
using Millrace.Storage.Moves;

namespace Millrace.Backups;

/// <summary>Reads the events and changes of the next part. Its buffers are used again for the following one.</summary>
internal sealed class PartContent(IChangeRecorder? recorder)
{
    /// <summary>The number of bytes of events and changes after which a part is complete.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    // A part contains whole transactions, so that its end can be restored, but not without a limit.
    private const int MaxTransactionBytes = 4 * MaxBytes;
    private const int FirstPageEvents = 64; // Pages grow, because events can be large.
    private const int MaxPageEvents = 512;
    private const int PageChanges = 1_000;

    private readonly ContentWriter _events = new();
    private readonly ContentWriter _changes = new();
    private int _pageEvents = FirstPageEvents;

    /// <summary>Returns the content of the part, until the next one is read.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Build() => LogContent.Of(_events, _changes.Written);

    /// <summary>Reads events until the part is full.</summary>
    public async Task<PartEvents> ReadEvents(
        IMoveSession session, long after, long end, CancellationToken cancellationToken)
    {
        _events.Clear();
        var read = new PartEvents(after, null, 0);
        while (read.Last < end)
        {
            var page = await session
                .ReadEvents(read.Last + 1, end, _pageEvents, cancellationToken)
                .ConfigureAwait(false);
            if (page.Count == 0)
                return read with { Last = end }; // The last events were removed.
            foreach (var recorded in page)
            {
                // Events of a transaction have the same time.
                var isNext = recorded.Timestamp != read.LastTime;
                if (_events.Length >= MaxTransactionBytes || (_events.Length >= MaxBytes && isNext))
                    return read with { IsCut = !isNext };
                EventCoder.Write(_events, recorded);
                read = new PartEvents(recorded.Position, recorded.Timestamp, read.Count + 1);
            }
            _pageEvents = Math.Min(MaxPageEvents, _pageEvents * 2);
        }
        return read;
    }

    /// <summary>
    /// Reads recorded changes until the part is full. Returns null if changes are missing, because the limit was
    /// reached.
    /// </summary>
    public async Task<PartChanges?> ReadChanges(CancellationToken cancellationToken)
    {
        _changes.Clear();
        var read = new PartChanges();
        if (recorder is null)
            return read;
        var after = 0L;
        while (true)
        {
            var page = await recorder.Read(after, PageChanges, cancellationToken).ConfigureAwait(false);
            if (page is null)
                return null;
            if (page.Count == 0)
            {
                read.AreAll = true;
                return read;
            }
            foreach (var change in page)
            {
                if (_changes.Length >= MaxBytes)
                    return read;
                LogContent.Write(_changes, change);
                read.Numbers.Add(change.Number);
                read.HasRemovals |= change.Table == MovedTables.Removals;
                read.HasTenants |= change.Collection?.Name == TenantCollection.Name;
            }
            after = page[^1].Number;
        }
    }
}

/// <summary>The events of a part.</summary>
/// <param name="Last">The last position.</param>
/// <param name="LastTime">The time of the last event; null if there is none.</param>
/// <param name="Count">The number of events.</param>
internal sealed record PartEvents(long Last, DateTimeOffset? LastTime, long Count)
{
    /// <summary>
    /// Gets whether the next event can belong to the same transaction, which is too large for a part.
    /// </summary>
    public bool IsCut { get; init; }
}

/// <summary>The changes of a part.</summary>
internal sealed record PartChanges
{
    /// <summary>Gets the numbers of the changes.</summary>
    public List<long> Numbers { get; } = [];

    /// <summary>Gets or sets whether these are all changes of the events up to the end of the part.</summary>
    public bool AreAll { get; set; }

    public bool HasRemovals { get; set; }

    public bool HasTenants { get; set; }
}
