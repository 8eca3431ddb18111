namespace Millrace.Serialization;

/// <summary>One of the types that a value of a declared type may be of.</summary>
/// <param name="Type">The type.</param>
/// <param name="Discriminator">The text or the number that says so; null where none is written.</param>
/// <param name="Description">The object that it is written as, without the discriminator.</param>
public sealed record VariantDescription(Type Type, object? Discriminator, TypeDescription Description);
