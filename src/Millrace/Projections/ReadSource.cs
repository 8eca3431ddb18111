namespace Millrace;

/// <summary>A collection that answers for a read model, and how far it is.</summary>
internal sealed class ReadSource(string collection, FreshnessGate gate, bool isOwn)
{
    private long _seen;

    public string Collection { get; } = collection;

    /// <summary>Waits for its consumer.</summary>
    public FreshnessGate Gate { get; } = gate;

    /// <summary>Whether it was built by the version of the projection that reads it.</summary>
    public bool IsOwn { get; } = isOwn;

    /// <summary>The greatest position of a document that was read from it.</summary>
    public long Seen => Interlocked.Read(ref _seen);

    /// <summary>Notes the position of a document that is handed out.</summary>
    public void Note(long position)
    {
        for (var seen = Seen; position > seen; seen = Seen)
        {
            if (Interlocked.CompareExchange(ref _seen, position, seen) == seen)
                return;
        }
    }
}
