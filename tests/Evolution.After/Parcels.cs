using System.Text.Json.Serialization;

namespace Evolution.After;

#pragma warning disable MILL0252 // The tests use times without an offset.

[Flags]
public enum Marks
{
    None = 0,
    Fragile = 1,
    Heavy = 2,
}

[Value<DateTime>]
public readonly partial record struct Moment
{
    private static string? Problem(DateTime value) => value.Year < 1900 ? "it is before there were parcels" : null;
}

public sealed record Pair<T>(T First)
{
    public T? Second { get; init; } = Nothing();

    private static T? Nothing() => default;
}

/// <summary>An event with all kinds of members that serialization could lose.</summary>
[Event("parcel.weighed")]
public sealed record ParcelWeighed(
    IReadOnlyDictionary<Marks, int> ByMarks,
    IReadOnlyDictionary<DateTime, int> ByTime,
    IReadOnlyDictionary<Moment, int> ByMoment,
    Pair<int> Grams)
{
    [JsonInclude]
    public string Note { get; private init; } = "nothing";

    [JsonInclude]
    public int Stamps { get; private init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Address { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Floor { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Doors { get; init; } = 1;

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public int Bells { get; init; }

    public ParcelWeighed Stamped(int stamps, string note) => this with { Stamps = stamps, Note = note };
}
