namespace Millrace;

/// <summary>Names a process and says which version of its definition a class is.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ProcessAttribute(string name) : Attribute
{
    /// <summary>The stable name: lower case letters, digits and dashes.</summary>
    public string Name { get; } = name;

    /// <summary>
    /// The version of the definition, from 1. Instances stay on the version that they began with, as long as a class of
    /// that version is there; a later one can take them over by <see cref="ProcessBuilder{TId}.Continues"/>.
    /// </summary>
    public int Version { get; set; } = 1;
}
