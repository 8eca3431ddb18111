using Millrace.Auditing.Merkle;

namespace Millrace.Auditing.Sealing;

/// <summary>A root that the log must have.</summary>
/// <param name="Size">The number of leaves.</param>
/// <param name="Root">The root.</param>
/// <param name="Name">The seal or the anchor, for messages.</param>
internal readonly record struct SealedRoot(long Size, Hash256 Root, string Name);
