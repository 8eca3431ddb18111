namespace Millrace.Materializing.Immediate;

/// <summary>A changed document of a read model, without marked values.</summary>
/// <param name="Key">The key.</param>
/// <param name="Before">The stored body before the change; null if there was none, or it is not needed.</param>
/// <param name="After">The new body; null if the document is removed.</param>
internal readonly record struct ChangedDocument(
    string Key, ReadOnlyMemory<byte>? Before, ReadOnlyMemory<byte>? After);
