using System.Text.Json.Serialization;

namespace Millrace.Generators.Tests.Fields;

/// <summary>The level that a scale shows.</summary>
public enum Level
{
    /// <summary>Has a custom name in JSON.</summary>
    [JsonStringEnumMemberName("very-low")]
    Lowest = -5,

    /// <summary>Has a camel-case name in JSON.</summary>
    RatherHigh = 7,

    /// <summary>Has the first name in alphabetical order.</summary>
    Above = 12,
}

/// <summary>Marks that can be combined.</summary>
[Flags]
public enum Marks : byte
{
    /// <summary>No mark.</summary>
    None = 0,

    /// <summary>The reading was seen.</summary>
    Seen = 1,

    /// <summary>The reading was signed.</summary>
    Signed = 2,
}

/// <summary>An id that wraps a number.</summary>
[Id<long>]
public readonly partial record struct SlotId;

/// <summary>A value that wraps a decimal number.</summary>
[Value<decimal>]
public readonly partial record struct Weight
{
    private static string? Problem(decimal value) => value < -100 ? "it is too little" : null;
}

/// <summary>A reading was taken.</summary>
[Event("reading.taken")]
public sealed record ReadingTaken(Reading Reading);

#pragma warning disable MILL0252 // DateTime can be indexed, so this test includes it.
/// <summary>A document that has an indexed member of every supported type.</summary>
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

/// <summary>The last reading of each name.</summary>
[Projection("readings")]
public sealed partial class ReadingsProjection : Projection<string, Reading>
{
    /// <summary>Returns the name of the reading.</summary>
    public static string Key(ReadingTaken taken) => taken.Reading.Name;

    /// <summary>Returns the new reading.</summary>
    public static Reading Apply(Reading? before, ReadingTaken taken) => taken.Reading;
}
