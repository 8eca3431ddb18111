namespace Millrace;

/// <summary>Marks a record as an event, and sets the permanent name under which its events are stored.</summary>
/// <remarks>
/// The stored name is independent of the CLR type. You can rename or move the type without any effect on stored events.
/// </remarks>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class EventAttribute(string name) : Attribute
{
    /// <summary>
    /// Gets the stored name, which consists of lower-case words separated by dots, dashes or underscores, such as
    /// <c>order.placed</c>.
    /// </summary>
    public string Name { get; } = name;

    /// <summary>Gets or sets the schema version of the event. The minimum and the default are 1.</summary>
    public int Version { get; set; } = 1;

    /// <summary>
    /// Gets or sets the reason why the stored name breaks a naming rule, such as <c>"the auditors' own name"</c>. If a
    /// reason is set, the naming diagnostics accept the name. The default is null.
    /// </summary>
    public string? NameReason { get; set; }

    /// <summary>
    /// Gets or sets the former stored names. Events that were stored under a former name are read as this event, with
    /// the same schema versions.
    /// </summary>
    public string[] Formerly { get; set; } = [];

    /// <summary>
    /// Gets or sets the format in which events are written. The default is the store's
    /// <see cref="StoreOptions.EventFormat"/>. You can change the format at any time, because each stored event is read
    /// in the format in which it was written.
    /// </summary>
    public EventFormat Format { get; set; }

    /// <summary>
    /// Gets or sets the oldest schema version whose readers can also read this version, because newer versions only
    /// added members. The value is stored with each event, so that programs that only know the older version continue
    /// to work. With 0, the default, only readers of this version can read the event.
    /// </summary>
    public int ReadableBy { get; set; }
}
