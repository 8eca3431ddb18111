namespace Millrace;

/// <summary>
/// Marks a static method that converts a stored event from an old schema version to a newer one. Pure: no clock, no
/// randomness, no I/O.
/// </summary>
/// <remarks>
/// <para>
/// The parameter is the old event, whose record keeps its <see cref="EventAttribute.Version"/>; the method returns a
/// newer one. Upcasters are applied in turn, from the stored version to the newest. A method that returns a tuple
/// splits the event into several. If it returns null, the event is omitted.
/// </para>
/// <para>
/// A method with two events merges them if the second follows the first in the stream and in the log, and both were
/// committed together; otherwise each event is read separately.
/// </para>
/// <para>
/// If the old record no longer exists, the method takes a <see cref="System.Text.Json.Nodes.JsonObject"/>. The
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

    /// <summary>Marks a method that takes the JSON of an event.</summary>
    /// <param name="name">The stored name.</param>
    /// <param name="version">The schema version that the method takes.</param>
    public UpcastAttribute(string name, int version)
    {
        Name = name;
        Version = version;
    }

    /// <summary>Gets the stored name, for a method that takes JSON.</summary>
    public string? Name { get; }

    /// <summary>Gets the schema version that the method takes as JSON.</summary>
    public int Version { get; }

    /// <summary>
    /// Gets or sets the schema version of the JSON that the method returns; 0, the default, for <see cref="Version"/> +
    /// 1.
    /// </summary>
    public int To { get; set; }
}
