using System.Text.Json.Serialization;
using Millrace;

namespace Shapes;

public enum Colour
{
    Red,
    Green = 5,
    Blue = -7,
    Azure = Blue,
}

public enum Tone : byte
{
    None,
    [JsonStringEnumMemberName("half tone")]
    Half = 1,
    Full = 255,
}

public enum Depth : long
{
    Least = long.MinValue,
    Zero = 0,
    Most = long.MaxValue,
}

public enum Height : ulong
{
    Zero,
    Most = ulong.MaxValue,
}

[Flags]
public enum Rights
{
    None = 0,
    Read = 1,
    Write = 2,
    Both = Read | Write,
    Own = int.MinValue,
}

[Flags]
public enum Marks : ulong
{
    None = 0,
    First = 1,
    Last = 1UL << 63,
}

[Id<string>]
public readonly partial record struct PlaceId;

[Id<int>]
public readonly partial record struct RowId;

[Id<long>]
public readonly partial record struct LineId;

[Value<double>]
public readonly partial record struct Ratio
{
    private static string? Problem(double value) => double.IsNaN(value) ? "it is not a number" : null;
}

[Value<float>]
public readonly partial record struct Share
{
    private static string? Problem(float value) => float.IsNaN(value) ? "it is not a number" : null;
}

[Value<int>]
public readonly partial record struct Amount
{
    private static string? Problem(int value) => value == int.MinValue ? "it is too small" : null;
}

[Value<ulong>]
public readonly partial record struct Total
{
    private static string? Problem(ulong value) => value == 13 ? "it is 13" : null;
}

[Value<Guid>]
public readonly partial record struct Ticket
{
    private static string? Problem(Guid value) => value == Guid.AllBitsSet ? "it is all ones" : null;
}

[Value<DateOnly>]
public readonly partial record struct Birthday
{
    private static string? Problem(DateOnly value) => value == DateOnly.MaxValue ? "it is never" : null;
}

[Value<TimeSpan>]
public readonly partial record struct Delay
{
    private static string? Problem(TimeSpan value) => value == TimeSpan.MaxValue ? "it is for ever" : null;
}

/// <summary>An event whose members are enums.</summary>
[Event("names.held")]
public sealed record NamesHeld(
    Colour Colour,
    Tone Tone,
    Depth Depth,
    Height Height,
    Rights Rights,
    Marks Marks,
    Colour? ColourOrNone,
    Rights? RightsOrNone);

/// <summary>An event whose members have wrapper types.</summary>
[Event("wrappers.held")]
public sealed record WrappersHeld(
    CrateId Crate,
    PlaceId Place,
    RowId Row,
    LineId Line,
    Weight Weight,
    LocalTime Time,
    Instant Instant,
    Slot Slot,
    Label Label,
    Ratio Ratio,
    Share Share,
    Amount Amount,
    Total Total,
    Ticket Ticket,
    Birthday Birthday,
    Delay Delay);

/// <summary>An event whose members have nullable wrapper types.</summary>
[Event("wrappers.noted")]
public sealed record WrappersNoted(
    CrateId? Crate,
    PlaceId? Place,
    RowId? Row,
    LineId? Line,
    Weight? Weight,
    LocalTime? Time,
    Instant? Instant,
    Slot? Slot,
    Label? Label,
    Ratio? Ratio,
    Share? Share,
    Amount? Amount,
    Total? Total,
    Ticket? Ticket,
    Birthday? Birthday,
    Delay? Delay);
