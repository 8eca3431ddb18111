using System.Text.Json.Nodes;

namespace Millrace.Benchmarks.Events;

/// <summary>An event with four versions, each with its own record.</summary>
[Event("parcel.sent", Version = 4)]
public sealed record ParcelSent(Guid Parcel, string Street, string City, string Country, int Grams, DateOnly Day)
{
    [Upcast]
    public static ParcelSent From(ParcelSentV3 old) => new(old.Parcel, old.Street, old.City, "GB", old.Grams, old.Day);
}

[Event("parcel.sent", Version = 3)]
public sealed record ParcelSentV3(Guid Parcel, string Street, string City, int Grams, DateOnly Day)
{
    [Upcast]
    public static ParcelSentV3 From(ParcelSentV2 old) =>
        new(old.Parcel, old.Street, old.City, old.Kilograms * 1000, old.Day);
}

[Event("parcel.sent", Version = 2)]
public sealed record ParcelSentV2(Guid Parcel, string Street, string City, int Kilograms, DateOnly Day)
{
    [Upcast]
    public static ParcelSentV2 From(ParcelSentV1 old) => new(old.Parcel, old.Address, "London", old.Kilograms, old.Day);
}

[Event("parcel.sent", Version = 1)]
public sealed record ParcelSentV1(Guid Parcel, string Address, int Kilograms, DateOnly Day);

/// <summary>The same event without the records of older versions.</summary>
[Event("parcel.moved", Version = 4)]
public sealed record ParcelMoved(Guid Parcel, string Street, string City, string Country, int Grams, DateOnly Day);

public static class ParcelUpcasters
{
    [Upcast("parcel.moved", 1)]
    public static JsonObject WithCity(JsonObject old)
    {
        old["street"] = old["address"]?.DeepClone();
        old["city"] = "London";
        old.Remove("address");
        return old;
    }

    [Upcast("parcel.moved", 2)]
    public static JsonObject InGrams(JsonObject old)
    {
        old["grams"] = (int)old["kilograms"]! * 1000;
        old.Remove("kilograms");
        return old;
    }

    [Upcast("parcel.moved", 3)]
    public static JsonObject WithCountry(JsonObject old)
    {
        old["country"] = "GB";
        return old;
    }
}
