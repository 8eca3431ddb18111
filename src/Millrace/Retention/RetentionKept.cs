namespace Millrace;

/// <summary>Streams or data subjects that have expired but are kept for a reason.</summary>
/// <param name="Reason">The reason, such as <c>legal hold</c>.</param>
/// <param name="Count">The number of streams or subjects.</param>
/// <param name="Examples">The names of the first ones, at most 10.</param>
public sealed record RetentionKept(string Reason, long Count, IReadOnlyList<string> Examples);
