using Millrace.Storage;

namespace Millrace;

/// <summary>A page of instances of a process.</summary>
/// <param name="Instances">The instances.</param>
/// <param name="Next">The start of the next page; null for the last page.</param>
public sealed record ProcessPage(IReadOnlyList<ProcessInfo> Instances, DocumentCursor? Next);
