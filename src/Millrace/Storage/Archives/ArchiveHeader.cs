namespace Millrace.Storage.Archives;

/// <summary>What a store records about its archive.</summary>
/// <param name="Id">The id of the archive, with which the names of its objects start.</param>
/// <param name="Place">The display name of the place.</param>
/// <param name="Address">The address of the place for the command line tool; null if it is unknown.</param>
internal sealed record ArchiveHeader(Guid Id, string Place, string? Address);
