using System.Globalization;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Json;

/// <summary>The derived types that a type lists, and their discriminator.</summary>
/// <param name="Discriminator">The name of the discriminator member.</param>
/// <param name="IgnoresUnknown">True when an object with an unknown type is read as the declared type.</param>
/// <param name="Variants">The types; the declared type comes last unless it is listed.</param>
internal sealed record JsonPolymorphism(string Discriminator, bool IgnoresUnknown, EquatableArray<JsonVariant> Variants)
{
    /// <summary>Gets the type that is read without a discriminator, or null if there is none.</summary>
    public JsonVariant? Unmarked => Variants.FirstOrDefault(variant => variant.Literal is null);

    /// <summary>The type that is read for an unknown discriminator, when this is allowed.</summary>
    public JsonVariant? Fallback(string declared) => Variants.FirstOrDefault(variant => variant.Type.Name == declared);
}

/// <summary>One of the listed types.</summary>
/// <param name="Type">The type.</param>
/// <param name="Text">The discriminator if it is a string.</param>
/// <param name="Number">The discriminator if it is a number.</param>
internal sealed record JsonVariant(JsonType Type, string? Text, int? Number)
{
    /// <summary>Gets the discriminator as code, or null if none is written.</summary>
    public string? Literal => Text is not null ? Text.Literal() : Number?.Literal();

    /// <summary>Gets the discriminator in the text of a shape; empty when none is written.</summary>
    public string Key => Text is not null ? $"'{Text}'" : Number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
