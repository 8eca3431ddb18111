namespace Millrace;

/// <summary>Sets the name of a process, and the version of the definition in a class.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ProcessAttribute(string name) : Attribute
{
    /// <summary>Gets the stable name: lower case letters, digits and dashes.</summary>
    public string Name { get; } = name;

    /// <summary>
    /// Gets or sets the version of the definition, from 1. An instance keeps the version with which it started while a
    /// class defines that version. A later version can take over instances by
    /// <see cref="ProcessBuilder{TId}.Continues"/>.
    /// </summary>
    public int Version { get; set; } = 1;
}
