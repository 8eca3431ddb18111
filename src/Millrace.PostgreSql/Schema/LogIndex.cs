namespace Millrace.PostgreSql;

/// <summary>An index of the log that is built while it is used.</summary>
/// <param name="Name">Its name, without the schema.</param>
/// <param name="Definition">What follows the name where it is made; <c>{log}</c> stands for the schema's name.</param>
internal sealed record LogIndex(string Name, string Definition);
