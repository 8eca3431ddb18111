using Millrace.Generators.Json;
using Millrace.Generators.Models;

namespace Millrace.Generators.PartialTypes;

/// <summary>A generated member of a user's type.</summary>
/// <param name="Name">The name.</param>
/// <param name="Parameters">The parameter types of a method, as code, or null for other members.</param>
/// <param name="IsReplaceable">True if the user may write the member by hand instead.</param>
internal sealed record GeneratedMember(string Name, string? Parameters, bool IsReplaceable = false)
{
    private const string Provider = "global::System.IFormatProvider?";
    private const string Span = "global::System.ReadOnlySpan<char>";

    /// <summary>The generated members of a model.</summary>
    public static readonly GeneratedMember[] OfModel =
    [
        .. ModelNames.Members.Select(name => new GeneratedMember(
            name,
            name is "EventsContract" or "Json" or "JsonResolver" or "JsonTypes" ? null : "global::Millrace.ModelBuilder"
        )),
    ];

    /// <summary>The generated members of an aggregate.</summary>
    public static readonly GeneratedMember[] OfAggregate =
        [new("Evolve", "object", true), new("WriteState", "global::System.Text.Json.Utf8JsonWriter", true)];

    /// <summary>The generated members of a business figure.</summary>
    public static readonly GeneratedMember[] OfKpi =
    [
        new(
            "CollectValues",
            "global::Millrace.RecordedEvent, "
                + "global::System.Collections.Generic.ICollection<global::Millrace.KpiValue>"),
    ];

    /// <summary>Returns the generated members of a decider.</summary>
    public static GeneratedMember[] OfDecider(string state) =>
    [
        new("Decider", null),
        new("Evolve", $"{state}, object"),
        new("WriteState", $"global::System.Text.Json.Utf8JsonWriter, {state}"),
    ];

    /// <summary>Returns the generated members of a projection.</summary>
    public static GeneratedMember[] OfProjection(string key, string document) =>
        [
            new(
                "CollectKeys",
                $"global::Millrace.RecordedEvent, global::System.Collections.Generic.ICollection<{key}>",
                true),
            new("Fold", $"{key}, {document}?, global::Millrace.RecordedEvent", true),
        ];

    /// <summary>Returns the generated members of an id or a value.</summary>
    public static IEnumerable<GeneratedMember> OfValue(string self, Primitive primitive, bool isId)
    {
        var primitiveType = primitive.CSharp;
        GeneratedMember[] always =
        [
            new("_value", null),
            new("_isGiven", null),
            new("Value", null),
            new("IsDefault", null),
            new("JsonConverter", null),
            new(".ctor", $"{primitiveType}, bool"),
            new("CompareTo", self),
            new("ToString", ""),
            new("ProblemOf", primitiveType),
            new("Checked", primitiveType),
            new("Parse", $"string, {Provider}"),
            new("Parse", $"{Span}, {Provider}"),
            new("TryParse", $"string?, {self}"),
            new("TryParse", $"string?, {Provider}, {self}"),
            new("TryParse", $"{Span}, {Provider}, {self}"),
            new("ReadJson", "global::System.Text.Json.Utf8JsonReader, string"),
            new("ReadCbor", "global::Millrace.Serialization.CborReader, string"),
        ];
        GeneratedMember[] more =
            !isId ? [new("From", primitiveType), new("TryFrom", $"{primitiveType}, {self}")]
            : primitive.Name == "Guid"
                ? [new(".ctor", primitiveType), new("New", ""), new("New", "global::System.DateTimeOffset")]
            : [new(".ctor", primitiveType)];
        return always.Concat(more);
    }
}
