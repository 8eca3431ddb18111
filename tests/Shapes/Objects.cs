using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Millrace;

namespace Shapes;

public sealed record Point(int X, int Y);

public readonly record struct Cell(short Column, string? Note, decimal Value);

public sealed record Pair<TFirst, TSecond>(TFirst First, TSecond Second);

public sealed class Box<T>
{
    public required T Value { get; init; }

    public ImmutableArray<T> More { get; init; } = [];
}

/// <summary>A type that has members of its own type.</summary>
public sealed record Tree(
    string Name, Tree? Left, Tree? Right, IReadOnlyList<Tree> Others, IReadOnlyDictionary<string, Tree>? Named);

/// <summary>A base record whose members are inherited.</summary>
public abstract record Titled(string Title)
{
    public string? Subtitle { get; init; }

    public int Pages { get; init; } = 100;
}

public sealed record Book(string Title, decimal Price) : Titled(Title)
{
    public required DateOnly Printed { get; init; }
}

/// <summary>A class that selects one of its two constructors with an attribute.</summary>
public sealed class Chosen
{
    public Chosen(string other) => Name = other;

    [JsonConstructor]
    public Chosen(string name, int count, IReadOnlyList<string>? tags)
    {
        (Name, Count, Tags) = (name, count, tags);
    }

    public string Name { get; }

    public int Count { get; }

    public IReadOnlyList<string>? Tags { get; }
}

/// <summary>A class whose members have default values.</summary>
public sealed class Settings
{
    public string Name { get; set; } = "none";

    public string? Note { get; set; } = "a note";

    public int? Level { get; init; } = 3;

    public double Ratio { get; set; } = 0.5;

    public List<int>? Numbers { get; set; } = [1, 2, 3];

    [JsonInclude]
    public string? Hidden { get; private set; } = "hidden";

    public static Settings With(string? hidden) => new() { Hidden = hidden };
}

/// <summary>A record whose members have JSON attributes.</summary>
public sealed record Marked
{
    [JsonPropertyName("the name")]
    public required string Name { get; init; }

    [JsonIgnore]
    public string Twice => Name + Name;

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Number { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public decimal Amount { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public DateTimeOffset At { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public DateTime Local { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Cell Cell { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<int> Items { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Counted { get; init; } = 5;

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; } = "a text";

    [JsonPropertyOrder(-1)]
    public int First { get; init; }
}

/// <summary>A record whose constructor parameters have default values.</summary>
public sealed record Defaults(
    int Number = 7, string Text = "seven", string? Perhaps = "seven", double Ratio = 0.7, decimal Amount = 7.70m,
    Colour Colour = Colour.Green, DateTime Time = default, Guid Id = default, int? Level = 7, bool Flag = true,
    char Letter = 'x', IReadOnlyList<int>? Items = null);

/// <summary>A record that keeps unknown JSON members as extension data.</summary>
public sealed record Open(string Name)
{
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? More { get; init; }
}

/// <summary>A struct that is not a record.</summary>
public readonly struct Range
{
    public int Start { get; init; }

    public int? End { get; init; }
}

/// <summary>A type with its own JSON converter.</summary>
[JsonConverter(typeof(TemperatureConverter))]
public readonly record struct Temperature(decimal Celsius);

public sealed class TemperatureConverter : JsonConverter<Temperature>
{
    public override Temperature Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetDecimal());

    public override void Write(Utf8JsonWriter writer, Temperature value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteNumberValue(value.Celsius);
    }
}

/// <summary>An event whose members are objects.</summary>
[Event("objects.held")]
public sealed record ObjectsHeld(
    Point Point,
    Cell Cell,
    Book Book,
    Chosen Chosen,
    Settings Settings,
    Marked Marked,
    Defaults Defaults,
    Open Open,
    Range Range,
    Temperature Temperature);

/// <summary>An event whose members are nullable objects.</summary>
[Event("objects.noted")]
public sealed record ObjectsNoted(
    Point? Point,
    Cell? Cell,
    Book? Book,
    Chosen? Chosen,
    Settings? Settings,
    Marked? Marked,
    Defaults? Defaults,
    Open? Open,
    Range? Range,
    Temperature? Temperature);

/// <summary>An event whose members have generic types.</summary>
[Event("generics.held")]
public sealed record GenericsHeld(
    Pair<int, string> Simple,
    Pair<string?, Point?> Perhaps,
    Pair<Pair<Cell, decimal>, List<Pair<Guid, Colour>>> Deep,
    Box<double> Number,
    Box<string?> Text,
    Box<Box<Weight>> Boxes,
    List<Box<Point>> Points);

/// <summary>An event with a recursive member.</summary>
[Event("trees.held")]
public sealed record TreesHeld(Tree Tree);
