using Millrace.Protection;

namespace Millrace.Store;

/// <summary>The guard of the declarations in a log and in the log that it is a part of.</summary>
/// <param name="Guard">The guard; null for no check.</param>
/// <param name="Position">The position of the last declaration of the log; 0 for none.</param>
/// <param name="SharedPosition">The position of that of the shared log; 0 for none.</param>
internal sealed record StoredGuard(PlainAppendGuard? Guard, long Position, long SharedPosition);
