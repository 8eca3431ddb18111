namespace Millrace.Store;

/// <summary>An erasure whose events show that its keys were destroyed.</summary>
/// <param name="Stream">The stream of the erasure.</param>
/// <param name="Keys">The keys.</param>
internal sealed record TrustedErasure(StreamId Stream, ErasedKeys Keys);
