namespace Millrace;

/// <summary>Names a record as an event, with the name it is stored under for ever.</summary>
/// <remarks>The name is independent of the CLR type, which may be renamed or moved without touching history.</remarks>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class EventAttribute(string name) : Attribute
{
    /// <summary>The stored name: lower case words parted by dots, dashes or underscores, such as
    /// <c>order.placed</c>.</summary>
    public string Name { get; } = name;

    /// <summary>The schema version that this shape is stored as; from 1, which is the default.</summary>
    public int Version { get; set; } = 1;

    /// <summary>
    /// Why the stored name breaks a rule of names, such as <c>"the auditors' own name"</c>: the diagnostics of names
    /// then accept it. None by default.
    /// </summary>
    public string? NameReason { get; set; }

    /// <summary>Stored names that it had before: what is stored under them is read as this event, version by
    /// version.</summary>
    public string[] Formerly { get; set; } = [];

    /// <summary>
    /// What its events are written as; the store's <see cref="StoreOptions.EventFormat"/> by default. Stored events are
    /// read as what they were written as, so it may be changed at any time, either way.
    /// </summary>
    public EventFormat Format { get; set; }

    /// <summary>
    /// The oldest version whose readers can read this one as well, because it only says more: stored with each event,
    /// so that programs which know the older version alone go on. 0, which is the default, when only readers of this
    /// version can.
    /// </summary>
    public int ReadableBy { get; set; }
}

/// <summary>Marks a member of an event whose value becomes a tag of the recorded event.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class TagAttribute : Attribute
{
    /// <summary>Uses the member's name in camel case as the tag's name.</summary>
    public TagAttribute()
    {
    }

    /// <summary>Uses <paramref name="name"/> as the tag's name.</summary>
    public TagAttribute(string name) => Name = name;

    /// <summary>The tag's name, or null for the member's.</summary>
    public string? Name { get; }
}
