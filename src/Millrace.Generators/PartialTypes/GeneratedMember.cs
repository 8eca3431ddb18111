using Millrace.Generators.Json;
using Millrace.Generators.Models;

namespace Millrace.Generators.PartialTypes;

/// <summary>A generated member of a user's type.</summary>
/// <param name="Name">The name.</param>
/// <param name="Parameters">The types of its parameters, as code; null unless it is a method.</param>
/// <param name="IsReplaceable">True when the user may write it by hand instead.</param>
internal sealed record GeneratedMember(string Name, string? Parameters, bool IsReplaceable = false)
{
    private const string Provider = "global::System.IFormatProvider?";
    private const string Span = "global::System.ReadOnlySpan<char>";

    /// <summary>The members of a model.</summary>
    public static readonly GeneratedMember[] OfModel =
    [
        .. ModelNames.Members.Select(name => new GeneratedMember(
            name,
            name is "EventsContract" or "Json" or "JsonResolver" or "JsonTypes" ? null : "global::Millrace.ModelBuilder"
        )),
    ];

    /// <summary>The members of an aggregate.</summary>
    public static readonly GeneratedMember[] OfAggregate =
        [new("Evolve", "object", true), new("WriteState", "global::System.Text.Json.Utf8JsonWriter", true)];

    /// <summary>The members of a decider.</summary>
    public static GeneratedMember[] OfDecider(string state) =>
    [
        new("Decider", null),
        new("Evolve", $"{state}, object"),
        new("WriteState", $"global::System.Text.Json.Utf8JsonWriter, {state}"),
    ];

    /// <summary>The members of a projection.</summary>
    public static GeneratedMember[] OfProjection(string key, string document) =>
        [
            new(
                "CollectKeys",
                $"global::Millrace.RecordedEvent, global::System.Collections.Generic.ICollection<{key}>",
                true),
            new("Fold", $"{key}, {document}?, global::Millrace.RecordedEvent", true),
        ];

    /// <summary>The members of an id or a value.</summary>
    public static IEnumerable<GeneratedMember> OfValue(string self, Primitive primitive, bool isId)
    {
        var held = primitive.CSharp;
        GeneratedMember[] always =
        [
            new("_value", null),
            new("_isGiven", null),
            new("Value", null),
            new("IsDefault", null),
            new("JsonConverter", null),
            new(".ctor", $"{held}, bool"),
            new("CompareTo", self),
            new("ToString", ""),
            new("ProblemOf", held),
            new("Checked", held),
            new("Parse", $"string, {Provider}"),
            new("Parse", $"{Span}, {Provider}"),
            new("TryParse", $"string?, {self}"),
            new("TryParse", $"string?, {Provider}, {self}"),
            new("TryParse", $"{Span}, {Provider}, {self}"),
            new("ReadJson", "global::System.Text.Json.Utf8JsonReader, string"),
            new("ReadCbor", "global::Millrace.Serialization.CborReader, string"),
        ];
        GeneratedMember[] more =
            !isId ? [new("From", held), new("TryFrom", $"{held}, {self}")]
            : primitive.Name == "Guid"
                ? [new(".ctor", held), new("New", ""), new("New", "global::System.DateTimeOffset")]
            : [new(".ctor", held)];
        return always.Concat(more);
    }
}
