namespace Millrace;

/// <summary>What a decider decided.</summary>
/// <param name="State">The state after it.</param>
/// <param name="Version">The stream's version after it; 0 when the stream does not exist.</param>
/// <param name="Appended">What was appended; null when there was nothing to append.</param>
public sealed record Decision<TState>(TState State, long Version, AppendResult? Appended);
