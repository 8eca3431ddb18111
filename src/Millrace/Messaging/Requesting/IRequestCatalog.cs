using System.Text.Json;
using Millrace.Protection;

namespace Millrace.Messaging.Requesting;

/// <summary>The commands and queries that this application can answer, and their JSON metadata.</summary>
internal interface IRequestCatalog
{
    /// <summary>Gets the JSON options for commands, queries and their answers.</summary>
    JsonSerializerOptions Json { get; }

    /// <summary>Returns the stable name of a command or query, even if another service handles it.</summary>
    string NameOf(Type type);

    /// <summary>Returns the marked members of a command, a query or an answer, or null if it has none.</summary>
    MarkNode? MarksOf(Type type);

    /// <summary>Returns the command of a CLR type, or null if the model has none.</summary>
    CommandDefinition? FindCommand(Type type);

    /// <summary>Returns the query of a CLR type, or null if the model has none.</summary>
    QueryDefinition? FindQuery(Type type);
}
