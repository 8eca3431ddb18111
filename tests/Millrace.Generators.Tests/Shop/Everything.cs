using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Millrace.Generators.Tests.Shop;

// These types use everything that JSON supports, even where the analyzers advise against it.
#pragma warning disable MILL0210, MILL0211, MILL0252

/// <summary>An event with every type of member that JSON knows.</summary>
[Event("everything.happened")]
public sealed record EverythingHappened(
    string Text,
    bool Flag,
    char Letter,
    sbyte SByte,
    byte Byte,
    short Int16,
    ushort UInt16,
    int Int32,
    uint UInt32,
    long Int64,
    ulong UInt64,
    float Single,
    double Double,
    decimal Decimal,
    Guid Guid,
    DateTime DateTime,
    DateTimeOffset Instant,
    DateOnly Day,
    TimeOnly Time,
    TimeSpan Duration,
    Uri Link,
    byte[] Bytes,
    JsonElement Element,
    OrderStatus Status,
    Access Access,
    OrderId Order,
    CustomerId Customer,
    WarehouseId Warehouse,
    InvoiceNumber Invoice,
    Email Email,
    Quantity Quantity,
    Rate Rate,
    BusinessDay BusinessDay,
    Money Money,
    Temperature Temperature,
    Collections Collections,
    Optional Optional,
    Branch Tree);

[Flags]
public enum Access
{
    None = 0,
    Read = 1,
    Write = 2,
}

public sealed record Collections(
    int[] Array,
    List<string> List,
    IReadOnlyList<OrderLine> Lines,
    IEnumerable<OrderId> Orders,
    ImmutableArray<decimal> Prices,
    ImmutableList<string?> Notes,
    HashSet<string> Tags,
    IReadOnlySet<OrderStatus> States,
    ImmutableSortedSet<int> Numbers,
    Dictionary<string, Money> Balances,
    IReadOnlyDictionary<OrderId, OrderLine> ByOrder,
    ImmutableSortedDictionary<DateOnly, int?> ByDay,
    Dictionary<OrderStatus, List<int>> ByStatus,
    SortedDictionary<int, string[]> ByNumber,
    Dictionary<Access, string> ByAccess,
    Dictionary<DateTime, int> ByMoment);

public sealed record OrderLine(string Product, int Quantity = 1);

/// <summary>Optional members in every form of declaration.</summary>
public sealed record Optional(
    string? Text = null, int Number = 7, OrderStatus Status = OrderStatus.Placed, decimal Price = -1.5m)
{
    public int? Count { get; init; }

    public Email? Email { get; init; }

    public string Title { get; init; } = "untitled";

    public int Attempts { get; set; } = 3;

    public int Plain { get; init; }

    public List<string>? Names { get; init; }

    public required string Needed { get; init; }

    [JsonPropertyName("renamed")]
    public string? Original { get; init; }

    [JsonIgnore]
    public string Ignored { get; init; } = "ignored";

    [JsonInclude]
    public int Twice => Number * 2;

    public int Thrice => Number * 3;
}

/// <summary>An event that keeps unknown members and writes a computed member.</summary>
[Event("number.doubled")]
public sealed record NumberDoubled(int Number)
{
    [JsonInclude]
    public int Twice => Number * 2;

    [JsonExtensionData]
    public IReadOnlyDictionary<string, JsonElement>? More { get; init; }
}

public sealed record Branch(string Name, IReadOnlyList<Branch> Children, Branch? Left = null);

/// <summary>A type with a custom JSON form, such as <c>21.5C</c>.</summary>
[JsonConverter(typeof(TemperatureConverter))]
public readonly record struct Temperature(decimal Degrees);

public sealed class TemperatureConverter : JsonConverter<Temperature>
{
    public override Temperature Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => reader.TokenType == JsonTokenType.String
            && decimal.TryParse(reader.GetString()!.TrimEnd('C'), CultureInfo.InvariantCulture, out var degrees)
            ? new(degrees)
            : throw new JsonException("A temperature is a text such as 21.5C.");

    public override void Write(Utf8JsonWriter writer, Temperature value, JsonSerializerOptions options)
        => writer.WriteStringValue(value.Degrees.ToString(CultureInfo.InvariantCulture) + "C");
}
