using System.Text.Json;

namespace Millrace.Messaging;

/// <summary>The commands and queries that can be answered here, and their JSON metadata.</summary>
internal interface IRequestCatalog
{
    /// <summary>Gets the JSON options for commands, queries and their answers.</summary>
    JsonSerializerOptions Json { get; }

    /// <summary>Returns the stable name of a command or query, even of one that is handled elsewhere.</summary>
    string NameOf(Type type);

    /// <summary>Returns the command of a CLR type, or null.</summary>
    CommandDefinition? FindCommand(Type type);

    /// <summary>Returns the query of a CLR type, or null.</summary>
    QueryDefinition? FindQuery(Type type);
}
