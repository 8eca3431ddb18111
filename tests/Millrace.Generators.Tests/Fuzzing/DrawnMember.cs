namespace Millrace.Generators.Tests.Fuzzing;

/// <summary>A member of a random type.</summary>
/// <param name="Name">The name of the member.</param>
/// <param name="Type">The type of the member.</param>
internal sealed record DrawnMember(string Name, FieldTypeSample Type)
{
    /// <summary>Gets the name of the constructor parameter that sets the member.</summary>
    public string Parameter { get; } = Lower(Name);

    private static string Lower(string name)
    {
        var start = name[0] == '@' ? 1 : 0;
        return name[..start] + char.ToLowerInvariant(name[start]) + name[(start + 1)..];
    }
}

/// <summary>A random type that other types can derive from.</summary>
/// <param name="Name">The name of the type.</param>
/// <param name="IsRecord">Whether the type is a record.</param>
/// <param name="Parameters">The parameters of its constructor.</param>
/// <param name="Overridable">The virtual and abstract members of the type.</param>
internal sealed record DrawnParent(
    string Name, bool IsRecord, IReadOnlyList<DrawnMember> Parameters, IReadOnlyList<DrawnVirtual> Overridable);

/// <summary>A virtual or abstract member.</summary>
internal sealed record DrawnVirtual(DrawnMember Member, string Accessors, bool IsAbstract);
