using Microsoft.CodeAnalysis;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Json;

/// <summary>Specifies how a type is read and written.</summary>
internal enum JsonShapeKind
{
    Primitive,
    Wrapper,
    Enum,
    Object,
    Nullable,
    List,
    Map,
    Custom,

    /// <summary>An object of one of several listed types, with a discriminator member.</summary>
    Polymorphic,

    /// <summary>A listed type, which is written with its discriminator member.</summary>
    Variant,
}

/// <summary>A type as a member, an item or a root uses it.</summary>
/// <param name="Name">The full name without the <c>?</c> of the type itself.</param>
/// <param name="Form">The form in which the type is read and written.</param>
/// <param name="IsReference">True for a reference type.</param>
/// <param name="AllowsNull">True if null is a valid value.</param>
/// <param name="Primitive">The primitive type, or the primitive type that an id or a value wraps.</param>
/// <param name="Item">The item type of a list, the value type of a dictionary, or the inner type of a nullable.</param>
/// <param name="Key">The key type of a dictionary.</param>
/// <param name="Detail">The kind of a collection, the name of a custom converter, a marker for flags, or the base type
/// of a variant.</param>
internal sealed record JsonType(
    string Name,
    JsonShapeKind Form,
    bool IsReference,
    bool AllowsNull,
    Primitive? Primitive = null,
    JsonType? Item = null,
    JsonType? Key = null,
    string Detail = "")
{
    /// <summary>The detail of an enumeration with flags, whose values are numbers that can be combined.</summary>
    public const string Flags = "Flags";

    /// <summary>
    /// Gets whether a value may be an instance of a derived class, whose additional members the converter does not
    /// know.
    /// </summary>
    public bool IsOpen { get; init; }

    /// <summary>Gets whether the type is a text id without a rule.</summary>
    public bool AcceptsAnyText { get; init; }

    /// <summary>Returns a type with a custom converter.</summary>
    public static JsonType Custom(ITypeSymbol type) =>
        new(type.FullName(), JsonShapeKind.Custom, type.IsReferenceType, type.AllowsNull());
}

/// <summary>Specifies when the value of a member is set while an object is created.</summary>
internal enum MemberTarget
{
    /// <summary>The value is an argument of the constructor.</summary>
    Constructor,

    /// <summary>The object initializer sets the value.</summary>
    Initializer,

    /// <summary>
    /// The value is set after the object is created, if the JSON contains it. The member has an initializer.
    /// </summary>
    Setter,

    /// <summary>The same as <see cref="Setter"/>, for a member that only an initializer may set.</summary>
    InitAccessor,

    /// <summary>The value is not set, because the member is only written.</summary>
    None,
}

/// <summary>A value of an enumeration.</summary>
internal sealed record JsonEnumValue(string Name, string JsonName, bool IsAlias)
{
    /// <summary>Gets the number of the value as text.</summary>
    public string Number { get; init; } = "";

    /// <summary>Gets whether code that uses the value does not compile.</summary>
    public bool IsForbidden { get; init; }

    /// <summary>Gets whether JSON contains the text of the value with escapes.</summary>
    public bool IsEscaped => JsonName.Any(letter => letter > '~' || letter < ' ' || "\"\\<>&'+`".IndexOf(letter) >= 0);

    /// <summary>Returns the value as code.</summary>
    public string Of(string type) => IsForbidden ? $"({type})({Number})" : $"{type}.{Casing.Escaped(Name)}";
}

/// <summary>All data for the converter of one type.</summary>
internal sealed record JsonShape(
    JsonType Type,
    EquatableArray<JsonMember> Members,
    EquatableArray<JsonEnumValue> Values,
    EquatableArray<string> Derived,
    bool IsFlags,
    bool ConstructorMayThrow,
    bool IsFactory)
{
    /// <summary>Gets the text of the documentation comment.</summary>
    public string? Summary { get; init; }

    /// <summary>Gets whether the type has an error, so that only placeholders are generated for it.</summary>
    public bool HasError { get; init; }

    /// <summary>Gets whether an object has data that its JSON does not contain.</summary>
    public bool OmitsData { get; init; }

    /// <summary>
    /// Gets whether the type has attributes for derived types. The metadata of a type with a custom converter must not
    /// contain derived types.
    /// </summary>
    public bool HasDerivedTypes { get; init; }

    /// <summary>Gets the derived types with their discriminator, or null if the type lists none.</summary>
    public JsonPolymorphism? Listed { get; init; }

    /// <summary>Gets the name of the discriminator member of a variant, or null for other types.</summary>
    public string? Discriminator { get; init; }

    /// <summary>Gets the discriminator of a variant as code, or null if it is not written.</summary>
    public string? DiscriminatorValue { get; init; }

    /// <summary>Gets the member that stores unknown JSON members, or null if unknown members are ignored.</summary>
    public JsonMember? Extra { get; init; }

    public static JsonShape Of(JsonType type) =>
        new(
            type,
            EquatableArray<JsonMember>.Empty,
            EquatableArray<JsonEnumValue>.Empty,
            EquatableArray<string>.Empty,
            false,
            false,
            false);
}

/// <summary>A type that requires JSON, with all types that it contains.</summary>
internal sealed record JsonGraph(
    JsonType? Root, EquatableArray<JsonShape> Shapes, EquatableArray<DiagnosticInfo> Problems)
{
    public static JsonGraph Empty { get; } =
        new(null, EquatableArray<JsonShape>.Empty, EquatableArray<DiagnosticInfo>.Empty);
}
