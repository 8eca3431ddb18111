namespace Millrace;

/// <summary>
/// Makes a partial <c>readonly record struct</c> a strongly typed id over <typeparamref name="T"/>: parsing,
/// formatting, JSON and a check for emptiness are generated.
/// </summary>
/// <typeparam name="T"><see cref="Guid"/>, <see cref="string"/>, <see cref="int"/> or <see cref="long"/>.</typeparam>
[AttributeUsage(AttributeTargets.Struct, Inherited = false)]
public sealed class IdAttribute<T> : Attribute
    where T : notnull;
