namespace Millrace.Storage.Archives;

/// <summary>The place of a store's archive, as the store records it.</summary>
/// <param name="Description">The display name.</param>
/// <param name="Address">The address with which the place was opened, such as <c>s3://bucket/prefix</c>; null if it is
/// unknown.</param>
public sealed record ArchivePlace(string Description, string? Address);
