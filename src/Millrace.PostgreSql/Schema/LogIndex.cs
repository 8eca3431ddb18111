namespace Millrace.PostgreSql.Schema;

/// <summary>An index of the log that is built while the log is in use.</summary>
/// <param name="Name">The name of the index, without the schema.</param>
/// <param name="Definition">The rest of the CREATE INDEX statement; <c>{log}</c> is replaced by the schema's
/// name.</param>
internal sealed record LogIndex(string Name, string Definition);
