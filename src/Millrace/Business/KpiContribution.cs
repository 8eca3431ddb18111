namespace Millrace;

/// <summary>The value of an event in a business figure.</summary>
/// <param name="Position">The position of the event in the log.</param>
/// <param name="Stream">The name of the stream.</param>
/// <param name="Value">The value; for a ratio, the part of the whole that is missing.</param>
public sealed record KpiContribution(long Position, string Stream, decimal Value);
