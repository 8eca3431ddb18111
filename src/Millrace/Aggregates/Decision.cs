namespace Millrace;

/// <summary>The result of a decision.</summary>
/// <param name="State">The state after the decision.</param>
/// <param name="Version">The version of the stream after the decision; 0 if the stream does not exist.</param>
/// <param name="Appended">The result of the append; null if there were no events to append.</param>
public sealed record Decision<TState>(TState State, long Version, AppendResult? Appended);
