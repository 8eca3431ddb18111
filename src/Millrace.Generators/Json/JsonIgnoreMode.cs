namespace Millrace.Generators.Json;

/// <summary>The condition under which a member is omitted, with the numbers of <c>JsonIgnoreCondition</c>.</summary>
internal enum JsonIgnoreMode
{
    Never = 0,
    Always = 1,
    WhenWritingDefault = 2,

    /// <summary>The member is omitted if it is null. This applies to every member.</summary>
    WhenWritingNull = 3,
    WhenWriting = 4,
    WhenReading = 5,
}
