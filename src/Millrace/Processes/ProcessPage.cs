using Millrace.Storage;

namespace Millrace;

/// <summary>A page of instances of a process.</summary>
/// <param name="Instances">The instances.</param>
/// <param name="Next">Where the next page begins; null when this is the last.</param>
public sealed record ProcessPage(IReadOnlyList<ProcessInfo> Instances, DocumentCursor? Next);
