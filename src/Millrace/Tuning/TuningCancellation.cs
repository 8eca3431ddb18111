namespace Millrace.Tuning;

/// <summary>A request to end a run early.</summary>
/// <param name="Id">The id of the run.</param>
/// <param name="By">The user who requests it.</param>
internal sealed record TuningCancellation(string Id, string By);
