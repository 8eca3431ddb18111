using Millrace.Storage;

namespace Millrace;

/// <summary>A page of timers.</summary>
/// <param name="Timers">The timers.</param>
/// <param name="Next">Where the next page begins; null when this is the last.</param>
public sealed record TimerPage(IReadOnlyList<TimerInfo> Timers, DocumentCursor? Next);
