using Millrace.Storage;

namespace Millrace;

/// <summary>What a consumer writes in one commit.</summary>
/// <param name="Documents">Documents written or removed.</param>
/// <param name="Statements">The user's own SQL.</param>
internal sealed record ConsumerEffects(IReadOnlyList<DocumentChange> Documents, IReadOnlyList<SqlStatement> Statements);
