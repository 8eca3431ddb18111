namespace Millrace;

/// <summary>What an append did.</summary>
/// <param name="Version">The stream's version after it; with several streams that of the first.</param>
/// <param name="Position">The position of its last event.</param>
/// <param name="Token">Hand it to queries that must see the append's effect.</param>
/// <param name="WasRepeated">True when the same events stood there already, so that nothing was written now.</param>
public readonly record struct AppendResult(long Version, long Position, ConsistencyToken Token, bool WasRepeated);
