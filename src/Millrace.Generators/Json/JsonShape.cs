using Microsoft.CodeAnalysis;

namespace Millrace.Generators;

/// <summary>How a type is read and written.</summary>
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

    /// <summary>One of several objects, each with a member that says which it is.</summary>
    Polymorphic,

    /// <summary>One of those objects.</summary>
    Variant,
}

/// <summary>A type as the place that uses it sees it.</summary>
/// <param name="Name">Its full name, without its own <c>?</c>.</param>
/// <param name="Form">How it is read and written.</param>
/// <param name="IsReference">Whether it is a reference type.</param>
/// <param name="AllowsNull">Whether null is a good value here.</param>
/// <param name="Primitive">The primitive it is or holds.</param>
/// <param name="Item">The type of its items or values, or what a nullable is of.</param>
/// <param name="Key">The type of its keys.</param>
/// <param name="Detail">
/// For a collection its kind; for a custom converter the converter's name; for flags that they are; for a variant what
/// it is one of.
/// </param>
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
    /// <summary>The detail of an enumeration whose values are numbers, because they may be joined.</summary>
    public const string Flags = "Flags";

    /// <summary>Whether a value may be of a class derived from it, whose additional members its converter does not
    /// know.</summary>
    public bool IsOpen { get; init; }

    /// <summary>A type that a converter of the application reads and writes.</summary>
    public static JsonType Custom(ITypeSymbol type) =>
        new(type.FullName(), JsonShapeKind.Custom, type.IsReferenceType, type.AllowsNull());
}

/// <summary>Where the value of a member goes when its type is made.</summary>
internal enum MemberTarget
{
    /// <summary>An argument of the constructor.</summary>
    Constructor,

    /// <summary>The object initializer.</summary>
    Initializer,

    /// <summary>Set afterwards, only if it was there, because it has a value of its own otherwise.</summary>
    Setter,

    /// <summary>The same for one that only the initializer may set.</summary>
    InitAccessor,

    /// <summary>Nowhere: it is only written.</summary>
    None,
}

/// <summary>A member of an object.</summary>
/// <param name="Name">Its name in C#.</param>
/// <param name="JsonName">Its name in JSON.</param>
/// <param name="Type">Its type.</param>
/// <param name="Target">Where its value goes.</param>
/// <param name="IsRequired">Whether its absence is an error.</param>
/// <param name="Parameter">The name of the constructor's parameter, when it goes there.</param>
/// <param name="Default">What it is when absent, as code.</param>
/// <param name="Declaring">The type that declares it.</param>
internal sealed record JsonMember(
    string Name,
    string JsonName,
    JsonType Type,
    MemberTarget Target,
    bool IsRequired,
    string? Parameter,
    string Default,
    string Declaring)
{
    /// <summary>What its documentation says.</summary>
    public string? Summary { get; init; }

    /// <summary>Whether it is not written while it is its type's default, which it is again when it is
    /// absent.</summary>
    public bool LeavesOutDefault { get; init; }

    /// <summary>Whether null is written, because it would be something else when it is absent.</summary>
    public bool WritesNull { get; init; }

    /// <summary>Whether the compiler demands that the initializer sets it, although the constructor takes it.</summary>
    public bool IsSetAgain { get; init; }

    /// <summary>How its setter is reached when its type is generic and the setter may not be called.</summary>
    public GenericSetter? Generic { get; init; }
}

/// <summary>A value of an enumeration.</summary>
internal sealed record JsonEnumValue(string Name, string JsonName, bool IsAlias)
{
    /// <summary>What it is as a number.</summary>
    public string Number { get; init; } = "";

    /// <summary>Whether code that names it does not compile.</summary>
    public bool IsForbidden { get; init; }

    /// <summary>Whether its text is escaped in JSON.</summary>
    public bool IsEscaped => JsonName.Any(letter => letter > '~' || letter < ' ' || "\"\\<>&'+`".IndexOf(letter) >= 0);

    /// <summary>The value as code.</summary>
    public string Of(string type) => IsForbidden ? $"({type})({Number})" : $"{type}.{Casing.Escaped(Name)}";
}

/// <summary>Everything needed to write the converter of one type.</summary>
internal sealed record JsonShape(
    JsonType Type,
    EquatableArray<JsonMember> Members,
    EquatableArray<JsonEnumValue> Values,
    EquatableArray<string> Derived,
    bool IsFlags,
    bool ConstructorMayRefuse,
    bool IsFactory)
{
    /// <summary>What its documentation says.</summary>
    public string? Summary { get; init; }

    /// <summary>Whether something in it was refused, so that only a placeholder can be written.</summary>
    public bool IsRefused { get; init; }

    /// <summary>Whether it is marked with derived types, of which metadata for a converter may not know.</summary>
    public bool HasDerivedTypes { get; init; }

    /// <summary>How its derived types are told apart; null where it lists none.</summary>
    public JsonPolymorphism? Listed { get; init; }

    /// <summary>For a variant the name of the member that says which it is.</summary>
    public string? Discriminator { get; init; }

    /// <summary>For a variant what that member is, as code; null where it is not written.</summary>
    public string? Mark { get; init; }

    /// <summary>The member that keeps what the type has no member for; null when that is lost.</summary>
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

/// <summary>A type that JSON is wanted of, with all that it reaches.</summary>
internal sealed record JsonGraph(
    JsonType? Root, EquatableArray<JsonShape> Shapes, EquatableArray<DiagnosticInfo> Problems)
{
    public static JsonGraph Empty { get; } =
        new(null, EquatableArray<JsonShape>.Empty, EquatableArray<DiagnosticInfo>.Empty);
}
