namespace Millrace.Evolution;

/// <summary>A name and a schema version of stored events, with the event type and the upcaster.</summary>
internal sealed class StoredShape(string name, int schemaVersion, EventType? type)
{
    /// <summary>Gets the stored name.</summary>
    public string Name { get; } = name;

    public int SchemaVersion { get; } = schemaVersion;

    /// <summary>
    /// Gets the event type that reads and writes the shape; null if no current CLR type has this shape.
    /// </summary>
    public EventType? Type { get; } = type;

    /// <summary>Gets or sets the upcaster to a newer shape; null for a shape that readers receive.</summary>
    public Upcaster? Upcaster { get; set; }

    /// <summary>
    /// Gets or sets the shapes that the upcaster creates, in order. Set together with <see cref="Upcaster"/> while the
    /// map is built.
    /// </summary>
    public IReadOnlyList<StoredShape> Next { get; set; } = [];

    /// <summary>
    /// Gets or sets whether a stored event of this shape may be read as several events, or as no event.
    /// </summary>
    public bool MaySplit { get; set; }

    /// <summary>Gets or sets the role in a merge; null if the shape is not merged.</summary>
    public MergeRole? Role { get; set; }

    public override string ToString() => $"'{Name}' version {SchemaVersion}";
}
