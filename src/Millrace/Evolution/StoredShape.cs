namespace Millrace;

/// <summary>A name and a schema version under which events may be stored, with their type and upcaster.</summary>
internal sealed class StoredShape(string name, int schemaVersion, EventType? type)
{
    /// <summary>Gets the stored name.</summary>
    public string Name { get; } = name;

    public int SchemaVersion { get; } = schemaVersion;

    /// <summary>
    /// Gets the event type that reads and writes the shape; null if no CLR type has this shape any more.
    /// </summary>
    public EventType? Type { get; } = type;

    /// <summary>Gets or sets the upcaster to a newer shape; null for a shape that readers receive.</summary>
    public Upcaster? Upcaster { get; set; }

    /// <summary>Gets or sets the targets of the upcaster, in order. Both are set while the map is built.</summary>
    public IReadOnlyList<StoredShape> Next { get; set; } = [];

    /// <summary>Gets or sets whether a stored event of this shape may be read as several events, or as none.</summary>
    public bool MaySplit { get; set; }

    /// <summary>Gets or sets the role in a merge; null for none.</summary>
    public MergeRole? Role { get; set; }

    public override string ToString() => $"'{Name}' version {SchemaVersion}";
}
