namespace Millrace.Tuning;

/// <summary>Thrown when a run cannot continue, because its consumer does not handle events any more.</summary>
internal sealed class TuningStoppedException(string reason) : Exception(reason);
