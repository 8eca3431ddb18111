namespace Millrace.Generators.Tests.Fuzzing;

/// <summary>A member of a drawn type.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
internal sealed record DrawnMember(string Name, FieldTypeSample Type)
{
    /// <summary>The name of the parameter that sets it.</summary>
    public string Parameter { get; } = Lower(Name);

    private static string Lower(string name)
    {
        var start = name[0] == '@' ? 1 : 0;
        return name[..start] + char.ToLowerInvariant(name[start]) + name[(start + 1)..];
    }
}

/// <summary>A type that others may derive from.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsRecord">Whether it is a record.</param>
/// <param name="Parameters">What its constructor takes.</param>
/// <param name="Overridable">Its virtual and abstract members.</param>
internal sealed record DrawnParent(
    string Name, bool IsRecord, IReadOnlyList<DrawnMember> Parameters, IReadOnlyList<DrawnVirtual> Overridable);

/// <summary>A member that may be overridden.</summary>
internal sealed record DrawnVirtual(DrawnMember Member, string Accessors, bool IsAbstract);
