namespace Millrace;

/// <summary>
/// Marks a static method that converts a stored event from an old schema version to a newer schema version. The method
/// must be a pure function, without access to a clock, random values or I/O.
/// </summary>
/// <remarks>
/// <para>
/// The parameter is the old event. Its record stays in the program with the old <see cref="EventAttribute.Version"/>.
/// The method returns a newer version. Upcasters are applied one after another, from the stored version to the newest
/// version. A method that returns a tuple splits the event into several events. If the method returns null, the event
/// is omitted.
/// </para>
/// <para>
/// A method with two events as parameters merges the events. The second event must directly follow the first event in
/// the stream and in the log, and both must be from the same commit. Otherwise, each event is read separately.
/// </para>
/// <para>
/// If the old record no longer exists, the parameter is a <see cref="System.Text.Json.Nodes.JsonObject"/>. The
/// attribute then names the event and the version, and the method returns an event or the JSON of a later version.
/// </para>
/// </remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UpcastAttribute : Attribute
{
    /// <summary>Marks a method that converts one event type to another.</summary>
    public UpcastAttribute()
    {
    }

    /// <summary>Marks a method whose parameter is the JSON of an event.</summary>
    /// <param name="name">The stored name.</param>
    /// <param name="version">The schema version of the JSON.</param>
    public UpcastAttribute(string name, int version)
    {
        Name = name;
        Version = version;
    }

    /// <summary>Gets the stored name of the JSON's event; null if the parameter is an event.</summary>
    public string? Name { get; }

    /// <summary>Gets the schema version of the JSON; 0 if the parameter is an event.</summary>
    public int Version { get; }

    /// <summary>
    /// Gets or sets the schema version of the JSON that the method returns. The default, 0, means <see cref="Version"/>
    /// + 1.
    /// </summary>
    public int To { get; set; }
}
