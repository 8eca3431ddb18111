namespace Millrace.Erasing;

/// <summary>The values of a stored event that are marked, but not encrypted with a key of a subject.</summary>
internal sealed class PlainValues
{
    /// <summary>Gets the result for an event without such values.</summary>
    public static PlainValues None { get; } = new();

    /// <summary>Gets or sets whether the event may contain values of the subject that cannot be located.</summary>
    public bool IsUnreadable { get; set; }

    /// <summary>Gets the JSON of the plain values of the subject.</summary>
    public List<ReadOnlyMemory<byte>> OfSubject { get; } = [];

    /// <summary>Gets the places of the other plain values in the JSON: those of others, and secrets.</summary>
    public List<(int Start, int Length)> OfOthers { get; } = [];

    /// <summary>Gets the places of the plain values whose subject is unknown.</summary>
    public List<(int Start, int Length)> OfUnknown { get; } = [];

    /// <summary>Gets the ids of other keys that encrypt values of the subject.</summary>
    public List<string> OtherKeys { get; } = [];
}
