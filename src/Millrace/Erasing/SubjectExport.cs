namespace Millrace;

/// <summary>All data of a data subject, for an access request.</summary>
/// <param name="Json">The data as JSON.</param>
/// <param name="Html">The same data as an HTML page without references to other files.</param>
public sealed record SubjectExport(ReadOnlyMemory<byte> Json, string Html);
