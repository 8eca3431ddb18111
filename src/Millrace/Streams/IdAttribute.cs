namespace Millrace;

/// <summary>
/// Makes a partial <c>readonly record struct</c> a strongly typed id that wraps <typeparamref name="T"/>. The generator
/// adds parsing, formatting, JSON support and a check for empty ids.
/// </summary>
/// <typeparam name="T"><see cref="Guid"/>, <see cref="string"/>, <see cref="int"/> or <see cref="long"/>.</typeparam>
[AttributeUsage(AttributeTargets.Struct, Inherited = false)]
public sealed class IdAttribute<T> : Attribute
    where T : notnull;
