namespace Millrace.Storage.Objects;

/// <summary>An object of a list.</summary>
/// <param name="Name">The name.</param>
/// <param name="Size">The size in bytes.</param>
public readonly record struct StoredObject(string Name, long Size);
