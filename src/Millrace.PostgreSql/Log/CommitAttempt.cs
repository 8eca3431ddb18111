using Millrace.Storage;

namespace Millrace.PostgreSql.Log;

/// <summary>One attempt to commit a batch.</summary>
/// <param name="Batch">The requests.</param>
/// <param name="Now">The time of the writer's clock.</param>
/// <param name="IsFirst">True when the attempt may rely on assumed or cached facts. If a fact is wrong, the whole
/// attempt fails; the next attempt reads all facts.</param>
internal readonly record struct CommitAttempt(IReadOnlyList<CommitRequest> Batch, DateTimeOffset Now, bool IsFirst);
