using System.Globalization;

namespace Millrace.Generators;

/// <summary>How the derived types that a declared type lists are told apart.</summary>
/// <param name="Discriminator">The name of the member that says which one it is.</param>
/// <param name="IgnoresUnknown">Whether an object of a type that is not listed is read as the declared type.</param>
/// <param name="Variants">The types, the declared one last where it is not listed itself.</param>
internal sealed record JsonPolymorphism(string Discriminator, bool IgnoresUnknown, EquatableArray<JsonVariant> Variants)
{
    /// <summary>What is read when nothing says which type it is; null where that cannot be.</summary>
    public JsonVariant? Unmarked => Variants.FirstOrDefault(variant => variant.Literal is null);

    /// <summary>What is read of an object whose type is not listed, where that is ignored.</summary>
    public JsonVariant? Fallback(string declared) => Variants.FirstOrDefault(variant => variant.Type.Name == declared);
}

/// <summary>One of the types that a value may be of.</summary>
/// <param name="Type">The type.</param>
/// <param name="Text">The discriminator if it is a text.</param>
/// <param name="Number">The discriminator if it is a number.</param>
internal sealed record JsonVariant(JsonType Type, string? Text, int? Number)
{
    /// <summary>The discriminator as code; null where none is written.</summary>
    public string? Literal => Text is not null ? Text.Literal() : Number?.Literal();

    /// <summary>The discriminator as a name in the text of a shape; empty where none is written.</summary>
    public string Key => Text is not null ? $"'{Text}'" : Number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
