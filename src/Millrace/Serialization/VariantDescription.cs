namespace Millrace.Serialization;

/// <summary>The description of one of the possible types of a polymorphic value.</summary>
/// <param name="Type">The type.</param>
/// <param name="Discriminator">The text or number that selects the type; null if no discriminator is written.</param>
/// <param name="Description">The JSON object of the type, without the discriminator.</param>
public sealed record VariantDescription(Type Type, object? Discriminator, TypeDescription Description);
