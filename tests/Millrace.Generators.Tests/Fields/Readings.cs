using System.Text.Json.Serialization;

namespace Millrace.Generators.Tests.Fields;

/// <summary>What a scale shows.</summary>
public enum Level
{
    /// <summary>Its name in JSON is another.</summary>
    [JsonStringEnumMemberName("very-low")]
    Lowest = -5,

    /// <summary>Its name in JSON is in camel case.</summary>
    RatherHigh = 7,

    /// <summary>Its name comes first by the alphabet.</summary>
    Above = 12,
}

/// <summary>Several at once.</summary>
[Flags]
public enum Marks : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Seen.</summary>
    Seen = 1,

    /// <summary>Signed.</summary>
    Signed = 2,
}

/// <summary>An id of a number.</summary>
[Id<long>]
public readonly partial record struct SlotId;

/// <summary>A value of a decimal.</summary>
[Value<decimal>]
public readonly partial record struct Weight
{
    private static string? Problem(decimal value) => value < -100 ? "it is too little" : null;
}

/// <summary>A reading was taken.</summary>
[Event("reading.taken")]
public sealed record ReadingTaken(Reading Reading);

#pragma warning disable MILL0252 // It may be indexed, and so it is tested.
/// <summary>Every type that may be indexed.</summary>
public sealed record Reading(
    string Name,
    [property: Indexed] string? Text,
    [property: Indexed] bool? Flag,
    [property: Indexed] char? Letter,
    [property: Indexed] int? Number,
    [property: Indexed] long? Long,
    [property: Indexed] uint? Unsigned,
    [property: Indexed] ulong? UnsignedLong,
    [property: Indexed] float? Single,
    [property: Indexed] double? Real,
    [property: Indexed] decimal? Exact,
    [property: Indexed] Guid? Id,
    [property: Indexed] DateOnly? Day,
    [property: Indexed] TimeOnly? Hour,
    [property: Indexed] TimeSpan? Duration,
    [property: Indexed] DateTime? Time,
    [property: Indexed] DateTimeOffset? Instant,
    [property: Indexed] Level? Level,
    [property: Indexed] Marks? Marks,
    [property: Indexed] SlotId? Slot,
    [property: Indexed] Weight? Weight);
#pragma warning restore MILL0252

/// <summary>The readings by their names.</summary>
[Projection("readings")]
public sealed partial class ReadingsProjection : Projection<string, Reading>
{
    /// <summary>The key.</summary>
    public static string Key(ReadingTaken taken) => taken.Reading.Name;

    /// <summary>The last reading.</summary>
    public static Reading Apply(Reading? before, ReadingTaken taken) => taken.Reading;
}
