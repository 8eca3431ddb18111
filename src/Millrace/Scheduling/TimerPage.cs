using Millrace.Storage;

namespace Millrace;

/// <summary>A page of timers.</summary>
/// <param name="Timers">The timers.</param>
/// <param name="Next">The start of the next page; null for the last page.</param>
public sealed record TimerPage(IReadOnlyList<TimerInfo> Timers, DocumentCursor? Next);
