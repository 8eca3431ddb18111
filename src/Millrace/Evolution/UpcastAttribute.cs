namespace Millrace;

/// <summary>
/// Marks a static method that makes of a stored event, in the shape that it once had, what the application knows today.
/// Pure: no clock, no randomness, no I/O.
/// </summary>
/// <remarks>
/// <para>
/// The parameter is the old event, whose record stays with its <see cref="EventAttribute.Version"/>; what is returned
/// is a newer one. Upcasters follow one another, from whichever version was stored to the newest. A tuple of events
/// makes several of one; where null is returned, nothing is left of it.
/// </para>
/// <para>
/// A method that takes two events makes one of them, where the second follows the first in its stream and in the log
/// and both were committed together; elsewhere each is read by itself.
/// </para>
/// <para>
/// Where the old record is gone, the method takes a <see cref="System.Text.Json.Nodes.JsonObject"/>, the attribute says
/// which event and version it is, and what is returned is an event, or the JSON of a later version.
/// </para>
/// </remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UpcastAttribute : Attribute
{
    /// <summary>Marks a method from one event type to another.</summary>
    public UpcastAttribute()
    {
    }

    /// <summary>Marks a method that takes the JSON of an event.</summary>
    /// <param name="name">The stored name.</param>
    /// <param name="version">The schema version that the method takes.</param>
    public UpcastAttribute(string name, int version) => (Name, Version) = (name, version);

    /// <summary>The stored name, for a method that takes JSON.</summary>
    public string? Name { get; }

    /// <summary>The schema version that a method takes as JSON.</summary>
    public int Version { get; }

    /// <summary>The schema version whose JSON the method returns; 0, the default, for the one after
    /// <see cref="Version"/>.</summary>
    public int To { get; set; }
}
