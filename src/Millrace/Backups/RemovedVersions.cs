using Millrace.Storage.Moves;

namespace Millrace.Backups;

/// <summary>The versions of streams whose removal is recorded, so that a restore does not bring them back.</summary>
internal sealed class RemovedVersions
{
    private const int Stream = 1; // The columns of MovedTables.Removals.
    private const int ToVersion = 4;
    private const int Events = 5;

    // Events are only ever removed from the beginning of a stream.
    private readonly Dictionary<string, long> _removedThrough = new(StringComparer.Ordinal);

    /// <summary>Adds a record of a removal. A deleted stream keeps its events.</summary>
    public void Add(MovedRow removal)
    {
        if (removal[Stream] is not string stream
            || removal[ToVersion] is not long through
            || removal[Events] is not > 0L)
            return;
        _removedThrough[stream] = Math.Max(through, _removedThrough.GetValueOrDefault(stream));
    }

    public bool Contains(RecordedEvent recorded) =>
        recorded.Version <= _removedThrough.GetValueOrDefault(recorded.Stream.Value);
}
