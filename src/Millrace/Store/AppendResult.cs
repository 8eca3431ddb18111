namespace Millrace;

/// <summary>The result of an append.</summary>
/// <param name="Version">The version of the stream after the append; for several streams, that of the first.</param>
/// <param name="Position">The position of the last appended event.</param>
/// <param name="Token">The token for queries that must reflect the append.</param>
/// <param name="WasRepeated">True if the stream already contained the same events, so that nothing was written
/// now.</param>
public readonly record struct AppendResult(long Version, long Position, ConsistencyToken Token, bool WasRepeated);
