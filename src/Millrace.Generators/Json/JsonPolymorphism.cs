using System.Globalization;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Json;

/// <summary>The derived types that a type lists, and their discriminator.</summary>
/// <param name="Discriminator">The name of the discriminator member.</param>
/// <param name="IgnoresUnknown">True if an object with an unknown discriminator is read as the declared type.</param>
/// <param name="Variants">The listed types. The declared type is the last one unless the attributes list it.</param>
internal sealed record JsonPolymorphism(string Discriminator, bool IgnoresUnknown, EquatableArray<JsonVariant> Variants)
{
    /// <summary>
    /// Gets the type of an object without a discriminator, or null if each object has a discriminator.
    /// </summary>
    public JsonVariant? WithoutDiscriminator => Variants.FirstOrDefault(variant => variant.Literal is null);

    /// <summary>
    /// Returns the declared type, which is used for an unknown discriminator, or null if this is not allowed.
    /// </summary>
    public JsonVariant? Fallback(string declared) => Variants.FirstOrDefault(variant => variant.Type.Name == declared);
}

/// <summary>A listed derived type.</summary>
/// <param name="Type">The type.</param>
/// <param name="Text">The discriminator if it is a string.</param>
/// <param name="Number">The discriminator if it is a number.</param>
internal sealed record JsonVariant(JsonType Type, string? Text, int? Number)
{
    /// <summary>Gets the discriminator as code, or null if none is written.</summary>
    public string? Literal => Text is not null ? Text.Literal() : Number?.Literal();

    /// <summary>Gets the discriminator in the text of a shape. It is empty if no discriminator is written.</summary>
    public string Key => Text is not null ? $"'{Text}'" : Number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
