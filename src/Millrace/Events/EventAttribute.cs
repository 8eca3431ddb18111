namespace Millrace;

/// <summary>Marks a record as an event and sets the name under which it is stored for ever.</summary>
/// <remarks>
/// The stored name is independent of the CLR type, which may be renamed or moved without any effect on stored events.
/// </remarks>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class EventAttribute(string name) : Attribute
{
    /// <summary>
    /// Gets the stored name: lower-case words separated by dots, dashes or underscores, such as <c>order.placed</c>.
    /// </summary>
    public string Name { get; } = name;

    /// <summary>Gets or sets the schema version of the event; at least 1, which is the default.</summary>
    public int Version { get; set; } = 1;

    /// <summary>
    /// Gets or sets the reason why the stored name breaks a naming rule, such as <c>"the auditors' own name"</c>: the
    /// naming diagnostics then accept it. None by default.
    /// </summary>
    public string? NameReason { get; set; }

    /// <summary>
    /// Gets or sets the former stored names. Events stored under them are read as this event, with the same schema
    /// versions.
    /// </summary>
    public string[] Formerly { get; set; } = [];

    /// <summary>
    /// Gets or sets the format in which events are written; the store's <see cref="StoreOptions.EventFormat"/> by
    /// default. Each stored event is read in the format in which it was written, so the format may be changed at any
    /// time.
    /// </summary>
    public EventFormat Format { get; set; }

    /// <summary>
    /// Gets or sets the oldest schema version whose readers can also read this version, because it only adds members.
    /// It is stored with each event, so that programs that only know the older version continue to work. 0 by default:
    /// only readers of this version can read it.
    /// </summary>
    public int ReadableBy { get; set; }
}
