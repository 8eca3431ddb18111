namespace Millrace;

/// <summary>A shape that may be stored: a name and a schema version, and what is made of it.</summary>
internal sealed class StoredShape(string name, int schemaVersion, EventType? type)
{
    /// <summary>The stored name.</summary>
    public string Name { get; } = name;

    public int SchemaVersion { get; } = schemaVersion;

    /// <summary>How it is written and read; null when no CLR type has this shape any more.</summary>
    public EventType? Type { get; } = type;

    /// <summary>The way to a newer shape; null for what is handed out as it is.</summary>
    public Upcaster? Upcaster { get; set; }

    /// <summary>The shapes that the upcaster leads to, in order. Set, like the upcaster, while the map is
    /// built.</summary>
    public IReadOnlyList<StoredShape> Next { get; set; } = [];

    /// <summary>Whether one stored event of this shape may be read as several, or as none.</summary>
    public bool MaySplit { get; set; }

    /// <summary>What it is in a merge; null when it is in none.</summary>
    public MergeRole? Role { get; set; }

    public override string ToString() => $"'{Name}' version {SchemaVersion}";
}
