namespace Millrace.Serialization;

/// <summary>A member of an object in JSON.</summary>
/// <param name="Name">Its name in JSON.</param>
/// <param name="Type">Its type.</param>
/// <param name="IsRequired">Whether an object without it is refused.</param>
public sealed record MemberDescription(string Name, Type Type, bool IsRequired)
{
    /// <summary>Whether it may be null; when it is, it is left out where objects are written. False by
    /// default.</summary>
    public bool AllowsNull { get; init; }

    /// <summary>Whether it is written but never read. False by default.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>What it means, for people; null when nobody said.</summary>
    public string? Summary { get; init; }
}
