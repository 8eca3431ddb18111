using Millrace.Generators.Json;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Events;

/// <summary>A type marked <c>[Event]</c>.</summary>
internal sealed record EventModel(
    string FullName,
    string Name,
    int Version,
    EquatableArray<string> Formerly,
    int ReadableBy,
    int Format,
    EquatableArray<TagModel> Tags,
    JsonGraph Json,
    LocationInfo? Location,
    EquatableArray<DiagnosticInfo> Problems)
{
    /// <summary>The values of <c>EventFormat</c>.</summary>
    public const int FormatJson = 1;
    public const int FormatCbor = 2;

    /// <summary>
    /// Gets whether the event can be written as CBOR. This is true for any object, and for a type with a custom
    /// converter.
    /// </summary>
    public bool HasCbor =>
        Json.Root is { Form: JsonShapeKind.Object or JsonShapeKind.Custom or JsonShapeKind.Polymorphic };
}

/// <summary>A member whose value becomes a tag.</summary>
/// <param name="Member">The name in C#.</param>
/// <param name="Name">The tag's name.</param>
/// <param name="AllowsNull">True if the member may be null. A null member has no tag.</param>
/// <param name="IsMany">True for a collection, in which each item has a tag.</param>
/// <param name="ItemAllowsNull">True if an item may be null. A null item has no tag.</param>
internal sealed record TagModel(string Member, string Name, bool AllowsNull, bool IsMany, bool ItemAllowsNull);
