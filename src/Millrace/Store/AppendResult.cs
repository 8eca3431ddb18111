namespace Millrace;

/// <summary>The result of an append.</summary>
/// <param name="Version">The version of the stream after the append. If the request has several streams, this is the
/// version of the first stream.</param>
/// <param name="Position">The position of the last appended event.</param>
/// <param name="Token">A token for queries whose results must include the append.</param>
/// <param name="WasRepeated">True if the stream already contained the same events, so that this append wrote
/// nothing.</param>
public readonly record struct AppendResult(long Version, long Position, ConsistencyToken Token, bool WasRepeated);
